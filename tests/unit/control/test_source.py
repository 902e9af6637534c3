import subprocess
from pathlib import Path

import pytest

from reconciler.control.source import Source, identify, normalised_remote
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


def test_stdin_has_the_source_that_is_given() -> None:
    assert identify(["-"]) is None
    assert identify(["-"], explicit="acme") == Source("acme", Path.cwd())


def test_a_named_source_without_a_root_counts_paths_from_the_top(tmp_path: Path) -> None:
    one = identify([str(tmp_path)], explicit="prod")
    assert one is not None
    assert (one.root, one.path_name) == (Path("/"), None)
    assert one.relative(f"{tmp_path}/a.yaml") == f"{tmp_path}/a.yaml"[1:]
    (tmp_path / "routerctl.yaml").write_text("{}")
    (tmp_path / "sub").mkdir()
    marked = identify([str(tmp_path / "sub")], explicit="prod")
    assert marked is not None
    assert marked.root == tmp_path


def test_a_name_that_is_a_path_is_its_own_root(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    below = identify([str(tmp_path / "sub")], explicit=str(tmp_path))
    assert below is not None
    assert below.root == tmp_path
    outside = identify([str(tmp_path)], explicit=str(tmp_path / "sub"))
    assert outside is not None
    assert outside.root == Path("/")


def test_two_roots_of_one_source_share_the_folder_above_them(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "routerctl.yaml").write_text("source: prod\n")
    both = identify([str(tmp_path / "one"), str(tmp_path / "two")])
    assert both is not None
    assert (both.name, both.root) == ("prod", tmp_path)
    assert both.relative(f"{tmp_path}/two/a.yaml") == "two/a.yaml"


@pytest.mark.parametrize("text", ["{}", "source:\n", "source: 7\n", "other: x\n"])
def test_settings_without_a_name_leave_it_to_the_place(tmp_path: Path, text: str) -> None:
    (tmp_path / "routerctl.yaml").write_text(text)
    found = identify([str(tmp_path)])
    assert found is not None
    assert found.name == str(tmp_path)


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
    hook, folder = tmp_path / "hook", tmp_path / "folder"
    for place in (hook, folder):
        subprocess.run(["git", "init", str(place)], check=True, capture_output=True)
        remote = f"https://host/acme/{place.name}"
        subprocess.run(["git", "-C", str(place), "remote", "add", "origin", remote], check=True)
    monkeypatch.setenv("GIT_DIR", str(hook / ".git"))
    found = identify([str(folder)])
    assert found is not None
    assert (found.name, found.root) == ("host/acme/folder", folder)


def test_several_remotes_without_an_origin_give_no_name(tmp_path: Path) -> None:
    subprocess.run(["git", "init", str(tmp_path)], check=True, capture_output=True)
    for name in ("a", "b"):
        subprocess.run(
            ["git", "-C", str(tmp_path), "remote", "add", name, f"https://host/{name}/r"], check=True
        )
    found = identify([str(tmp_path)])
    assert found is not None
    assert found.name == str(tmp_path)


def test_a_remote_that_is_a_path_gives_no_name(tmp_path: Path) -> None:
    subprocess.run(["git", "init", str(tmp_path)], check=True, capture_output=True)
    subprocess.run(["git", "-C", str(tmp_path), "remote", "add", "origin", "/srv/git/r.git"], check=True)
    found = identify([str(tmp_path)])
    assert found is not None
    assert found.name == str(tmp_path)


def test_a_folder_that_git_ignores_belongs_to_no_repository(tmp_path: Path) -> None:
    top = tmp_path / "repo"
    subprocess.run(["git", "init", str(top)], check=True, capture_output=True)
    ignored = top / "scratch"
    ignored.mkdir()
    (top / ".gitignore").write_text("/scratch/\n")
    source = identify([str(ignored)])
    assert source is not None
    assert (source.name, source.root, source.commit) == (str(ignored), ignored, None)
