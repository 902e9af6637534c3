import subprocess
from pathlib import Path

import pytest

from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.source import (
    Source,
    checked_out,
    dirty_anywhere,
    identify,
    normalised_remote,
    repository_name,
)
from reconciler.errors import InvalidInput


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/routing.git",
        "https://github.com/acme/routing",
        "https://github.com/acme/routing/",
        "https://github.com/acme/routing.git/",
        "https://github.com//acme/routing",
        "http://github.com:8080/acme/routing.git",
        "HTTPS://GitHub.com/acme/routing",
        "https://ada@github.com/acme/routing.git",
        "https://ada:to@ken@github.com:443/acme/routing.git",
        "git@github.com:acme/routing.git",
        "git@github.com:/acme/routing.git",
        "github.com:acme/routing",
        "ssh://git@github.com/acme/routing.git",
        "ssh://git@github.com:22/acme/routing.git",
        "git+ssh://git@github.com/acme/routing",
        "git://github.com/acme/routing.git",
        "  https://github.com/acme/routing.git\n",
    ],
)
def test_every_spelling_of_a_remote_is_one_name(url: str) -> None:
    assert normalised_remote(url) == "github.com/acme/routing"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://gitlab.example/group/sub/routing.git", "gitlab.example/group/sub/routing"),
        ("ssh://git@[::1]:2222/acme/routing.git", "[::1]/acme/routing"),
        ("git@host:22/routing", "host/22/routing"),
        ("https://github.com/acme/routing.git.git", "github.com/acme/routing.git"),
    ],
)
def test_what_belongs_to_the_name_stays(url: str, name: str) -> None:
    assert normalised_remote(url) == name


@pytest.mark.parametrize(
    "url",
    [
        "/srv/git/routing.git",
        "../routing.git",
        "./routing",
        "~/routing",
        "file:///srv/routing",
        "acme/routing",
        "https://github.com",
        "host:",
        "",
    ],
)
def test_a_place_on_this_machine_is_no_name(url: str) -> None:
    assert normalised_remote(url) is None


def test_no_name_holds_a_password() -> None:
    for url in (
        "https://ada:secret@host/acme/r",
        "https://secret@host:1/acme/r",
        "ssh://ada:secret@host/acme/r",
    ):
        assert "secret" not in (normalised_remote(url) or "")


def test_files_are_named_relative_to_the_root(tmp_path: Path) -> None:
    source = Source("acme", tmp_path)
    assert source.manager == "git:acme"
    assert source.relative(f"{tmp_path}/sub/../a.yaml") == "a.yaml"
    assert source.relative("/elsewhere/b.yaml") == "b.yaml"
    assert source.relative(f"{tmp_path}-2/c.yaml") == "c.yaml"
    assert Source("x", Path("/")).relative(f"{tmp_path}/a.yaml") == f"{tmp_path}/a.yaml".removeprefix("/")


def test_stdin_has_the_source_that_is_given() -> None:
    assert identify(["-"]) is None
    assert identify(["-"], explicit="acme") == Source("acme", Path.cwd())


def repository(folder: Path, remote: str | None = None) -> Path:
    subprocess.run(["git", "init", str(folder)], check=True, capture_output=True, timeout=120)
    if remote is not None:
        subprocess.run(["git", "-C", str(folder), "remote", "add", "origin", remote], check=True, timeout=120)
    return folder


def known_as(folder: Path, name: str) -> tuple[str, str]:
    """The folder itself and a file in it, as a source of that name knows them."""
    source = identify([str(folder)], explicit=name)
    assert source is not None
    assert (source.name, source.path_name) == (name, None)
    return source.relative(str(folder)), source.relative(f"{folder}/a.yaml")


def test_a_source_named_for_a_root_tells_it_from_others(tmp_path: Path) -> None:
    assert known_as(tmp_path, "prod") == (f"{tmp_path}", f"{tmp_path}/a.yaml")
    bare = repository(tmp_path / "bare")
    assert known_as(bare, "prod") == (f"{bare}", f"{bare}/a.yaml")
    cloned = repository(tmp_path / "cloned", "https://host/acme/r")
    assert known_as(cloned, "prod") == ("//host/acme/r", "//host/acme/r/a.yaml")
    source = identify([str(cloned)], explicit="prod")
    assert source is not None
    assert source.relative("/elsewhere/b.yaml") == "//host/acme/r/b.yaml"


def test_a_name_that_is_the_roots_own_changes_no_path(tmp_path: Path) -> None:
    cloned = repository(tmp_path / "cloned", "https://host/acme/r")
    (cloned / "sub").mkdir()
    assert known_as(cloned / "sub", "host/acme/r") == ("sub", "sub/a.yaml")
    (cloned / "routerctl.yaml").write_text("source: prod\n")
    assert known_as(cloned / "sub", "prod") == ("sub", "sub/a.yaml")
    assert known_as(cloned / "sub", "host/acme/r") == ("//host/acme/r/sub", "//host/acme/r/sub/a.yaml")


def test_a_name_that_is_a_path_is_its_own_root(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    below = identify([str(tmp_path / "sub")], explicit=str(tmp_path))
    assert below is not None
    assert below.root == tmp_path
    outside = identify([str(tmp_path)], explicit=str(tmp_path / "sub"))
    assert outside is not None
    assert outside.root == Path("/")


@pytest.mark.parametrize("explicit", [None, "prod"])
def test_one_command_reads_one_root(tmp_path: Path, explicit: str | None) -> None:
    for name in ("one", "two"):
        repository(tmp_path / name, "https://host/acme/r")
        (tmp_path / name / "sub").mkdir()
    with pytest.raises(InvalidInput, match="different roots") as caught:
        identify([str(tmp_path / "one"), str(tmp_path / "two")], explicit=explicit)
    assert f"{tmp_path}/one, {tmp_path}/two" in caught.value.message
    assert "one by one" in (caught.value.hint or "")
    both = identify([str(tmp_path / "one"), str(tmp_path / "one" / "sub")], explicit=explicit)
    assert both is not None
    assert both.root == tmp_path / "one"


def test_folders_outside_of_repositories_share_a_name(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    both = identify([str(tmp_path / "one"), str(tmp_path / "two")], explicit="prod")
    assert both is not None
    assert both.relative(f"{tmp_path}/two/a.yaml") == f"{tmp_path}/two/a.yaml"


def test_what_differs_from_the_commit_below_one_path_counts(tmp_path: Path) -> None:
    top = repository(tmp_path)
    for name in ("one", "two"):
        (top / name).mkdir()
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    commit = ["git", *identity, "-C", str(top), "commit", "--allow-empty", "-m", "first"]
    subprocess.run(commit, check=True, capture_output=True, timeout=120)
    (top / "two" / "a.yaml").write_text("{}")
    for paths in (("one", "two"), ("two", "one")):
        found = identify([str(top / name) for name in paths])
        assert found is not None
        assert found.dirty


@pytest.mark.parametrize("text", ["", "{}", "source:\n"])
def test_settings_without_a_name_leave_it_to_the_place(tmp_path: Path, text: str) -> None:
    (tmp_path / "routerctl.yaml").write_text(text)
    found = identify([str(tmp_path)])
    assert found is not None
    assert found.name == str(tmp_path)


def test_every_slip_in_the_settings_is_told_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "routerctl.yaml"
    file.write_text("sorce: prod\nsource: 7\nzzz: 1\n")
    with pytest.raises(InvalidManifests) as caught:
        identify([str(tmp_path)])
    assert [str(problem) for problem in caught.value.problems] == [
        f'{file}:1:1: error: sorce: unknown field "sorce"; did you mean "source"?',
        f'{file}:3:1: error: zzz: unknown field "zzz"; known here: source',
        f"{file}:2:1: error: source: expected the name of the source; put it in quotes",
    ]


def test_files_of_a_mounted_volume_keep_the_path_that_people_see(tmp_path: Path) -> None:
    """Kubernetes exchanges the folder that the links lead to: what is recorded must not change with it."""
    mount, link = tmp_path / "mount", tmp_path / "link"
    (mount / "..v1" / "sub").mkdir(parents=True)
    (mount / "..v1" / "local.yaml").write_text("")
    (mount / "..v1" / "sub" / "x.yaml").write_text("")
    (mount / "..data").symlink_to("..v1")
    for name in ("local.yaml", "sub"):
        (mount / name).symlink_to(f"..data/{name}")
    link.symlink_to(mount)
    for given in (mount, link, mount / "local.yaml", link / "local.yaml"):
        found = identify([str(given)])
        assert found is not None
        assert (found.name, found.root) == (str(mount), mount)
    source = Source("x", mount)
    for folder in (mount, link):
        assert source.relative(str(folder)) == ""
        assert source.relative(str(folder / "local.yaml")) == "local.yaml"
        assert source.relative(str(folder / "sub" / "x.yaml")) == "sub/x.yaml"
    found = identify([str(mount / "sub")])
    assert found is not None
    assert found.root == mount / "sub"


def test_a_folder_whose_real_name_begins_with_dots_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "..odd").mkdir()
    assert Source("x", tmp_path / "..odd").relative(str(tmp_path / "..odd" / "a.yaml")) == "a.yaml"


def test_what_comes_through_a_pipe_has_one_path(tmp_path: Path) -> None:
    assert Source("x", tmp_path).relative("/dev/null") == "stdin"


def test_broken_settings_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "routerctl.yaml").write_text("source: [")
    with pytest.raises(InvalidInput, match=r"routerctl\.yaml"):
        identify([str(tmp_path)])


def test_the_name_from_settings_takes_over_from_the_place_it_covers(tmp_path: Path) -> None:
    (tmp_path / "routerctl.yaml").write_text("source: prod\n")
    (tmp_path / "sub").mkdir()
    found = identify([str(tmp_path / "sub")])
    assert found is not None
    assert (found.name, found.root, found.path_name) == ("prod", tmp_path, str(tmp_path / "sub"))


def test_where_git_is_missing_the_folder_is_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = identify([str(tmp_path)])
    assert found == Source(str(tmp_path), tmp_path, None, False, str(tmp_path))


def test_in_a_hook_the_folders_repository_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = repository(tmp_path / "hook", "https://host/acme/hook")
    folder = repository(tmp_path / "folder", "https://host/acme/folder")
    monkeypatch.setenv("GIT_DIR", str(hook / ".git"))
    found = identify([str(folder)])
    assert found is not None
    assert (found.name, found.root) == ("host/acme/folder", folder)


def test_git_gets_none_of_our_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "told"
    git = tmp_path / "git"
    git.write_text(f"#!/bin/sh\n/usr/bin/env >> {told}\nexit 1\n")
    git.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("ROUTERCTL_ENCRYPTION_KEY", "sk-secret")
    monkeypatch.setenv("LANGUAGE", "en")
    identify([str(tmp_path)])
    assert "LANGUAGE=en" in told.read_text()
    assert "ROUTERCTL_" not in told.read_text()


def test_several_remotes_without_an_origin_give_no_name(tmp_path: Path) -> None:
    subprocess.run(["git", "init", str(tmp_path)], check=True, capture_output=True, timeout=120)
    for name in ("a", "b"):
        subprocess.run(
            ["git", "-C", str(tmp_path), "remote", "add", name, f"https://host/{name}/r"],
            check=True,
            timeout=120,
        )
    found = identify([str(tmp_path)])
    assert found is not None
    assert found.name == str(tmp_path)


def test_a_remote_that_is_a_path_gives_no_name(tmp_path: Path) -> None:
    subprocess.run(["git", "init", str(tmp_path)], check=True, capture_output=True, timeout=120)
    subprocess.run(
        ["git", "-C", str(tmp_path), "remote", "add", "origin", "/srv/git/r.git"], check=True, timeout=120
    )
    found = identify([str(tmp_path)])
    assert found is not None
    assert found.name == str(tmp_path)


def test_a_folder_that_git_ignores_belongs_to_no_repository(tmp_path: Path) -> None:
    top = tmp_path / "repo"
    subprocess.run(["git", "init", str(top)], check=True, capture_output=True, timeout=120)
    ignored = top / "scratch"
    ignored.mkdir()
    (top / ".gitignore").write_text("/scratch/\n")
    source = identify([str(ignored)])
    assert source is not None
    assert (source.name, source.root, source.commit) == (str(ignored), ignored, None)


def test_a_checkout_is_named_by_what_it_is_of_and_by_nothing_above_it(tmp_path: Path) -> None:
    (tmp_path / "routerctl.yaml").write_text("source: above\n")
    root = tmp_path / "checkout"
    (root / "m" / "deep").mkdir(parents=True)
    name = "github.com/acme/routing"
    assert checked_out(root, "m", "1a2b", name=name) == Source(name, root, "1a2b")
    assert checked_out(root, "m", "1a2b", name="/r", folder=Path("/r")) == Source(
        "/r", root, "1a2b", path_name="/r"
    )
    assert checked_out(root, "m", "1a2b", name=name, explicit=name) == Source(name, root, "1a2b")
    assert checked_out(root, "m", "1a2b", name=name, explicit="x").prefix == f"//{name}/"
    assert checked_out(root, "m", "1a2b", name="/r", folder=Path("/r"), explicit="x").prefix == "/r/"
    (root / "routerctl.yaml").write_text("source: acme\n")
    at_top = checked_out(root, "m/deep", "1a2b", name="/r", folder=Path("/r"))
    assert (at_top.name, at_top.root, at_top.path_name) == ("acme", root, "/r")
    (root / "m" / "routerctl.yaml").write_text("source: deeper\n")
    deeper = checked_out(root, "m/gone", "1a2b", name="/r", folder=Path("/r"))
    assert (deeper.name, deeper.root, deeper.path_name) == ("deeper", root / "m", None)


def test_a_repository_here_is_called_by_its_remote_or_its_place(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True, timeout=120)
    assert repository_name(tmp_path) == str(tmp_path.resolve())
    remote = ["git", "-C", str(tmp_path), "remote", "add", "origin", "git@github.com:acme/routing.git"]
    subprocess.run(remote, check=True, timeout=120)
    assert repository_name(tmp_path) == "github.com/acme/routing"


def test_an_overlay_has_a_path_that_no_file_has(tmp_path: Path) -> None:
    source = Source("s", tmp_path.resolve())
    assert source.overlay(str(tmp_path / "overlays" / "prod")) == "overlays/prod/"
    assert source.overlay(f"{tmp_path}/overlays/prod/") == "overlays/prod/"
    assert source.overlay(str(tmp_path)) == "./"
    assert Source("s", tmp_path.resolve(), prefix="//remote/").overlay(str(tmp_path)) == "//remote/"


def test_of_an_overlay_anything_below_the_root_may_be_part(tmp_path: Path) -> None:
    top = repository(tmp_path / "repo")
    (top / "dev").mkdir()
    (top / "dev" / "a.yaml").write_text("")
    command = ["git", "-C", str(top), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run([*command, "add", "."], check=True, timeout=120)
    subprocess.run([*command, "commit", "-q", "-m", "x"], check=True, timeout=120)
    source = identify([str(top / "dev")])
    assert source is not None
    assert not dirty_anywhere(source).dirty
    (top / "base.yaml").write_text("")
    again = identify([str(top / "dev")])
    assert again is not None
    assert not again.dirty
    assert dirty_anywhere(again).dirty
    assert dirty_anywhere(dirty_anywhere(again)).dirty


def test_without_git_nothing_is_dirty(tmp_path: Path) -> None:
    source = Source("s", tmp_path)
    assert dirty_anywhere(source) is source
