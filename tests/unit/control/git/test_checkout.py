"""What is written of a commit, against real ones: also of repositories that mean no good."""

import os
import shutil
from pathlib import Path

import pytest
from fakes.repository import Follower, Repository
from fakes.workshop import Workshop

from reconciler.control.git import checkout as module
from reconciler.control.git.checkout import CheckedOut
from reconciler.control.manifest.document import InvalidManifests
from reconciler.errors import StoreError


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def checked_out(tmp_path: Path, repository: Repository, path: str = "") -> CheckedOut:
    follower = Follower(Workshop(tmp_path), repository.folder, path=path)
    try:
        with follower.mirror.locked():
            follower.mirror.fetch()
            return follower.mirror.checked_out(follower.mirror.tip() or "")
    finally:
        follower.shop.close()


def written(root: Path) -> dict[str, str]:
    return {str(file.relative_to(root)): file.read_text() for file in root.rglob("*") if file.is_file()}


def refused(tmp_path: Path, repository: Repository, path: str = "") -> list[str]:
    with pytest.raises(InvalidManifests) as error:
        checked_out(tmp_path, repository, path)
    return [str(problem) for problem in error.value.problems]


def test_manifests_alone_are_written_and_nothing_that_git_would_make_of_them(
    tmp_path: Path, repository: Repository
) -> None:
    hook = repository.folder / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/hooked\n")
    hook.chmod(0o755)
    repository.git("config", "filter.evil.smudge", f"touch {tmp_path}/smudged")
    files = {
        ".gitattributes": "*.yaml filter=evil text eol=crlf ident\n",
        ".githooks/post-checkout": "x",
        "m/a.yaml": "a: $Id$\n",
        "m/b.md": "no manifest",
        "routerctl.yaml": "source: x\n",
        "other/c.yaml": "c: 1\n",
    }
    repository.commit("All", files)
    done = checked_out(tmp_path, repository, "m")
    assert written(done.root) == {"m/a.yaml": "a: $Id$\n", "routerctl.yaml": "source: x\n"}
    assert done.warnings == ()
    assert not (tmp_path / "hooked").exists()
    assert not (tmp_path / "smudged").exists()


def test_no_blob_is_fetched_that_is_no_manifest(tmp_path: Path, repository: Repository) -> None:
    (repository.folder / "big.bin").write_bytes(os.urandom(2_000_000))
    repository.commit("Big", {"a.yaml": "a: 1\n"})
    checked_out(tmp_path, repository)
    packs = sum(file.stat().st_size for file in (tmp_path / "mirrors").rglob("*.pack"))
    assert packs < 100_000


def test_a_remote_that_leaves_nothing_out_will_do(tmp_path: Path, repository: Repository) -> None:
    repository.git("config", "uploadpack.allowFilter", "false")
    repository.commit("All", {"a.yaml": "a: 1\n"})
    assert written(checked_out(tmp_path, repository).root) == {"a.yaml": "a: 1\n"}


def test_a_submodule_is_told_and_never_fetched(tmp_path: Path, repository: Repository) -> None:
    commit = repository.commit("All", {"a.yaml": "a: 1\n", ".gitmodules": '[submodule "s"]\n\tpath = s\n\turl = ext::sh -c x\n'})  # fmt: skip
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},s")
    repository.git("commit", "--quiet", "-m", "Add a submodule")
    done = checked_out(tmp_path, repository)
    assert [str(problem) for problem in done.warnings] == [
        "s: warning: a submodule; what it holds is not read"
    ]
    assert written(done.root) == {"a.yaml": "a: 1\n"}


def test_links_are_not_followed(tmp_path: Path, repository: Repository) -> None:
    (repository.folder / "m").mkdir()
    (repository.folder / "m" / "passwd.yaml").symlink_to("/etc/passwd")
    (repository.folder / "m" / "same.yaml").symlink_to("a.yaml")
    repository.commit("Links", {"m/a.yaml": "a: 1\n"})
    (problem,) = refused(tmp_path, repository)
    assert problem.startswith("m/passwd.yaml: error: a link that leads out of the repository; ")
    (repository.folder / "m" / "passwd.yaml").unlink()
    repository.commit("One link", {})
    assert written(checked_out(tmp_path, repository).root) == {"m/a.yaml": "a: 1\n"}


def test_what_is_too_large_is_refused(
    tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit("Huge", {"huge.yaml": "x" * 3_000_000, "a.yaml": "a: 1\n"})
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 2 * 1024 * 1024)
    assert refused(tmp_path, repository) == [
        "huge.yaml: error: larger than 2 MiB; split it into several files"
    ]
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 4 * 1024 * 1024)
    monkeypatch.setattr(module, "MAX_TOTAL_BYTES", 1024 * 1024)
    assert refused(tmp_path, repository) == [
        "error: the files add up to more than 1 MiB; name a smaller folder"
    ]


def test_what_stands_in_lfs_is_refused_in_words(tmp_path: Path, repository: Repository) -> None:
    repository.commit("LFS", {"a.yaml": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"})
    (problem,) = refused(tmp_path, repository)
    assert problem.startswith("a.yaml: error: its content stands in Git LFS, which is not fetched")


def test_a_tree_that_leads_out_is_refused(tmp_path: Path, repository: Repository) -> None:
    blob = repository.git("hash-object", "-w", "--stdin")
    inner = _tree(repository, "100644", "out.yaml", blob)
    tree = _tree(repository, "40000", "..", inner)
    commit = repository.git("commit-tree", "-m", "Out", tree)
    repository.git("update-ref", "refs/heads/main", commit)
    assert refused(tmp_path, repository) == ["../out.yaml: error: a name that can't stand in a working tree"]
    assert not (tmp_path / "mirrors" / "out.yaml").exists()


def _tree(repository: Repository, mode: str, name: str, oid: str) -> str:
    """As git itself would refuse to make it."""
    file = repository.folder / "tree"
    file.write_bytes(f"{mode} {name}".encode() + b"\0" + bytes.fromhex(oid))
    return repository.git("hash-object", "-w", "-t", "tree", "--literally", str(file))


def test_what_an_end_by_force_left_is_removed_and_what_cannot_be_written_is_said(
    tmp_path: Path, repository: Repository
) -> None:
    repository.commit("One", {"a.yaml": "a: 1\n"})
    root = checked_out(tmp_path, repository).root
    left = root.parent / ".left"
    left.mkdir()
    follower = Follower(Workshop(tmp_path), repository.folder)
    with follower.mirror.locked():
        follower.mirror.tidy()
        assert [entry.name for entry in root.parent.iterdir()] == [root.name]
        repository.commit("Two", {"b.yaml": "b: 1\n"})
        follower.mirror.fetch()
        shutil.rmtree(root.parent)
        root.parent.write_text("a file")
        with pytest.raises(StoreError, match="the commit can't be written to "):
            follower.mirror.checked_out(follower.mirror.tip() or "")
    follower.shop.close()
