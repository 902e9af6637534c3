import shutil
import subprocess
from pathlib import Path

import pytest
from fakes.repository import AUTHOR, ENVIRONMENT, Follower, Repository
from fakes.workshop import Workshop

from reconciler.clock import SystemClock
from reconciler.control.git import mirror as module
from reconciler.control.git.mirror import Commit, Mirror
from reconciler.control.git.program import Git
from reconciler.control.git.remote import parse_remote
from reconciler.errors import Conflict, NotFound, Refused, StoreError, Unreachable


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def mirror_of(repository: Repository, *, home: Path | None = None, verified: bool = False) -> Mirror:
    environ = ENVIRONMENT if home is None else {"PATH": ENVIRONMENT["PATH"], "HOME": str(home)}
    git = Git(environ, SystemClock())
    remote = parse_remote(str(repository.folder))
    return Mirror(git, remote, "main", "", repository.folder.parent / "mirrors", verified=verified)


def test_it_knows_the_newest_commit_and_which_was_applied(repository: Repository) -> None:
    first = repository.commit("One", {"a.yaml": "a: 1"})
    mirror = mirror_of(repository)
    assert (mirror.tip(), mirror.synced()) == (None, None)
    with mirror.locked():
        mirror.fetch()
        mirror.set_synced(first)
        second = repository.commit("Two\x1b[31m\twords\n\nbody", {})
        mirror.fetch()
        assert (mirror.tip(), mirror.synced(), mirror.behind(first, second)) == (second, first, 1)
        assert mirror.commit(second) == Commit(second, AUTHOR, "Two [31m words")
        assert mirror.commit(second).short == second[:10]
    again = mirror_of(repository)
    assert (again.tip(), again.synced()) == (second, first)
    again.forget()
    assert (again.tip(), again.synced()) == (None, None)
    assert mirror_of(repository, verified=True).synced() is None


def test_it_holds_no_hooks_and_no_address(repository: Repository) -> None:
    repository.commit("One", {})
    mirror = mirror_of(repository)
    mirror.fetch()
    (made,) = repository.folder.parent.glob("mirrors/*/mirror.git")
    assert not (made / "hooks").exists()
    assert str(repository.folder) not in (made / "config").read_text()


def test_a_shallow_remote_will_do_and_no_more_than_the_newest_are_kept(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DEPTH", 2)
    for number in range(4):
        repository.commit(f"Commit {number}", {"a": str(number)})
    shallow = repository.folder.parent / "shallow"
    clone = ["git", "clone", "--quiet", "--depth=3", f"file://{repository.folder}", str(shallow)]
    subprocess.run(clone, check=True, env=ENVIRONMENT, capture_output=True, timeout=120)
    mirror = Mirror(
        Git(ENVIRONMENT, SystemClock()),
        parse_remote(str(shallow)),
        "main",
        "",
        repository.folder.parent / "m",
    )
    mirror.fetch()
    assert mirror.commit(mirror.tip() or "").subject == "Commit 3"
    assert mirror.behind(f"{mirror.tip()}~1", mirror.tip() or "") == 1
    with pytest.raises(Unreachable, match="rev-list failed"):
        mirror.behind(f"{mirror.tip()}~3", mirror.tip() or "")


def test_locks_that_a_killed_git_left_are_no_obstacle(repository: Repository) -> None:
    repository.commit("One", {})
    mirror = mirror_of(repository)
    mirror.fetch()
    (made,) = repository.folder.parent.glob("mirrors/*/mirror.git")
    for name in ("shallow.lock", "refs/routerctl/tip.lock", "config.lock"):
        (made / name).touch()
    (made / "objects" / "pack" / "tmp_pack_x").touch()
    second = repository.commit("Two", {})
    mirror.fetch()
    assert mirror.tip() == second
    assert not list(made.rglob("tmp_*"))


def test_an_init_that_was_killed_is_begun_anew(repository: Repository) -> None:
    repository.commit("One", {})
    mirror = mirror_of(repository)
    with mirror.locked():
        (folder,) = repository.folder.parent.glob("mirrors/*")
    (folder / "mirror.git").mkdir()
    (folder / "mirror.new").mkdir()
    mirror.fetch()
    assert mirror.tip() is not None


def test_a_branch_that_is_not_there_names_those_that_are(repository: Repository) -> None:
    mirror = mirror_of(repository)
    with pytest.raises(NotFound) as empty:
        mirror.fetch()
    assert empty.value.hint == "it has no branch at all yet"
    repository.commit("One", {})
    for number in range(9):
        repository.git("branch", f"b{number}")
    repository.git("branch", "-m", "main", "x/main")
    with pytest.raises(NotFound, match="there is no branch main in file:///") as missing:
        mirror.fetch()
    assert missing.value.hint == "there are: b0, b1, b2, b3, b4, b5, b6, b7 and 2 more"


def test_a_remote_that_is_away_is_said_with_gits_words(repository: Repository) -> None:
    mirror = mirror_of(repository)
    shutil.rmtree(repository.folder)
    with pytest.raises(Unreachable) as away:
        mirror.fetch()
    assert away.value.message == (
        f"file://{repository.folder} can't be fetched from: fatal: '{repository.folder}' does not appear to be a git "
        "repository; fatal: Could not read from remote repository."
    )


def test_many_packs_are_put_together(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PACKS", 3)
    mirror = mirror_of(repository)
    for number in range(4):
        repository.commit(f"Commit {number}", {"a.yaml": f"a: {number}"})
        mirror.fetch()
        mirror.checked_out(mirror.tip() or "")
    assert len(list(repository.folder.parent.rglob("mirrors/*/mirror.git/objects/pack/*.pack"))) < 4


def test_a_folder_that_cannot_be_made_is_said(repository: Repository) -> None:
    (repository.folder.parent / "mirrors").write_text("a file")
    with pytest.raises(StoreError, match="can't be made"), mirror_of(repository).locked():
        pass


def test_one_at_a_time(repository: Repository) -> None:
    with mirror_of(repository).locked(), pytest.raises(Conflict), mirror_of(repository).locked():
        pass
    with mirror_of(repository).locked():
        pass


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A user whose git trusts one ssh key, which is at `key`."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is missing here, which signs")
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("key", "other"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    public = (folder / "key.pub").read_text()
    (folder / "allowed").write_text(f"ada@example.com {public}")
    (folder / ".gitconfig").write_text(
        f'[gpg]\n\tformat = ssh\n[gpg "ssh"]\n\tallowedSignersFile = {folder}/allowed\n'
    )
    return folder


def test_a_commit_is_verified_with_the_keys_that_the_user_trusts(repository: Repository, home: Path) -> None:
    def signed(key: str) -> str:
        repository.git("config", "gpg.format", "ssh")
        repository.git("config", "user.signingKey", str(home / key))
        return repository.commit(f"By {key}", {}, "-S")

    mirror = mirror_of(repository, home=home, verified=True)
    trusted = signed("key")
    mirror.fetch()
    mirror.verify(trusted)
    for commit in (signed("other"), repository.commit("By nobody", {}, "--no-gpg-sign")):
        mirror.fetch()
        with pytest.raises(Refused, match="its signature is not trusted: "):
            mirror.verify(commit)


def test_a_commit_that_is_not_trusted_is_not_applied(tmp_path: Path, repository: Repository) -> None:
    repository.commit("By nobody", {"a.yaml": "kind: Nothing"})
    shop = Workshop(tmp_path)
    result = Follower(shop, repository.folder, verify=True).step()
    assert (result.exit_code, result.problems) == (4, ())
    assert "its signature is not trusted: it bears no signature" in (result.error or "")
    shop.close()
