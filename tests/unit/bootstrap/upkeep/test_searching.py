"""What is found, and what is left out, is told by tests of the command: tests/unit/cli/commands/test_secret_audit.py."""

from pathlib import Path

from fakes.workshop import Workshop, remote
from fakes.writing import KEY

from reconciler.bootstrap.upkeep.searching import SecretSearch
from reconciler.settings import Reach
from reconciler.store.url import parse

SECRET = "sk-Zq7LitWv9rKe3h"


def test_the_stores_own_files_and_those_that_are_named(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", remote(apiKey=SECRET))
    shop.apply()
    shop.close()
    location = parse(str(shop.store))
    key_file = tmp_path / "the.key"
    key_file.write_text(KEY["ROUTERCTL_ENCRYPTION_KEY"])
    key_file.chmod(0o600)
    reports = tmp_path / "home" / "routerctl" / "reports"
    reports.mkdir(parents=True)
    (reports / "1.txt").write_text(SECRET)
    beside = tmp_path / "logs"
    beside.mkdir()
    (beside / "a").write_text(f"x{SECRET}")
    environ = {
        "ROUTERCTL_ENCRYPTION_KEY_FILE": str(key_file),
        "XDG_STATE_HOME": str(tmp_path / "home"),
    }
    seen: list[tuple[int, int]] = []

    def counted(done: int, of: int) -> None:
        seen.append((done, of))

    done = SecretSearch(location, environ, Reach(), [beside, key_file]).run(counted)
    assert [each.file for each in done.found] == [reports / "1.txt", beside / "a"]
    assert (done.secrets, done.unknown, done.gone) == (2, (), 0)
    assert seen[-1] == (len(seen) - 1, len(seen))
