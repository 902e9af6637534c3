"""Moving here from another router: shown, applied as one revision, compared with the sources, taken back."""

import re
from pathlib import Path

import pytest
from fakes.both_ways import BothWays
from fakes.command import Done, manifest
from fakes.importing import DATA

KEY = "sk-5f0c1e2d3b4a59687786950a1b2c3d4e"
_OTHERWISE = re.compile(r"(?m)^ +\d\. (?:Serve it: .*\n)?|, where the store is|\S+(?=: revision \d)")


@pytest.fixture
def env(both: BothWays) -> Path:
    file = both.routerctl.folder / "app" / ".env"
    file.parent.mkdir()
    file.write_text((DATA / "router.env").read_text())
    both.routerctl.monkeypatch.setenv("HOME", str(file.parent / "home"))
    return file


def said(both: BothWays, *arguments: str | Path) -> tuple[Done, Done]:
    """By both. Where the store lies, and how it is served from there, is another thing for each."""
    here, there = both.locally(*arguments), both.remotely(*arguments)
    assert KEY not in f"{here}{there}"
    return here, there


def test_a_migration_is_one_revision_that_is_taken_back(both: BothWays, env: Path) -> None:
    both.ok("apply", "-f", "-", stdin=manifest("Model", "m"))
    for line in (
        ("--apply", "--dry-run"),
        ("--apply", "--verify"),
        ("--apply", "-m", "why"),
        ("--apply", "--verify"),
        ("--apply",),
    ):
        here, there = said(both, "migrate", env, *line)
        assert (here.code, told(here)) == (there.code, told(there)), line
        assert here.err == there.err
    assert " same." in both.ok("import", env, "--apply", "--verify")
    assert '"operation": "import"' in both.ok("history", "-o", "json")
    both.ok("apply", "-f", "-", stdin=manifest("Model", "since"))
    asked = both("migrate", "--rollback")
    assert "Take back what revision 2 imported, and the 1 revision since?" in asked.err
    assert "Revision 4 is what revision 1 was." in both.ok("migrate", "--rollback", "--yes")
    assert both.ok("get", "all", "-o", "name") == "model/m\n"
    assert both("migrate", "--rollback", "--yes", "-o", "json").code == 0


def test_manifests_are_written_here_and_sealed_to_the_servers_key(both: BothWays, env: Path) -> None:
    both.ok("secret", "set", "s", "K", stdin="sk-made-up-0001")
    out = env.parent / "m"
    done = both.remotely("migrate", env, "--out", out, "--seal")
    assert done.code == 0, done.err
    assert "Apply it: routerctl WHERE apply -f" in done.out
    written = "".join(file.read_text() for file in out.rglob("*.yaml"))
    assert ("s1-" in written, KEY in written) == (True, False)
    backup = done.out.rpartition("--rollback ")[2].strip()
    assert both.remotely("migrate", "--rollback", backup, "--yes").code == 0
    assert not list(out.rglob("*.yaml"))
    assert both("migrate", "--rollback").code == 3
    begun = both.remotely("init", env.parent / "begun").err
    assert ("apply -f" in begun, " up -f" in begun) == (True, False)
    for line in (("--rollback", "--out", out), ("--rollback", both.here.config_path)):
        refused = both.remotely("migrate", *line, "--yes")
        assert (refused.code, "history" in refused.err or "last import" in refused.err) == (2, True)


def told(done: Done) -> str:
    return _OTHERWISE.sub("", done.out)
