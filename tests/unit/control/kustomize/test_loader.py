import os
from pathlib import Path

import pytest

from reconciler.control.kustomize import loader as module
from reconciler.control.kustomize.loader import Folder, Loader, Overlaid, Spot, TooMuch
from reconciler.control.manifest.document import Document, quoted

HERE = Spot(Document({}, "k.yaml", "a: b", 1))


def folder(path: Path) -> Folder:
    path.mkdir(parents=True, exist_ok=True)
    return Folder(path.name, str(path.resolve()))


def told(loader: Loader) -> list[str]:
    return [str(problem) for problem in loader.problems]


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_a_folder_has_a_kustomization(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("resources: [a]")
    loader = Loader()
    found = loader.overlay(folder(tmp_path), HERE)
    assert isinstance(found, Overlaid)
    assert found.wants.resources == ("a",)
    assert [Path(file).name for file in loader.files] == [name]
    assert loader.overlay(folder(tmp_path), HERE) is found


def test_it_has_just_one(tmp_path: Path) -> None:
    loader = Loader()
    assert loader.overlay(folder(tmp_path / "none"), HERE) is None
    for name in ("kustomization.yaml", "Kustomization"):
        Path(folder(tmp_path / "both").real, name).write_text("resources: [a]")
    assert loader.overlay(folder(tmp_path / "both"), HERE) is None
    assert told(loader) == [
        'k.yaml:1:1: error: no kustomization.yaml stands in "none"; a folder has one kustomization',
        'k.yaml:1:1: error: both kustomization.yaml and Kustomization stand in "both"; a folder has one kustomization',
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a kustomization is one document"),
        ("a: 1\n---\nb: 2\n", "a kustomization is one document"),
        ("- a\n", "a kustomization is one document"),
        ("a: [\n", "a value or a closing bracket is missing"),
        ("resource: []", 'did you mean "resources"?'),
    ],
)
def test_what_is_no_kustomization(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "kustomization.yaml").write_text(text)
    loader = Loader()
    assert loader.overlay(folder(tmp_path), HERE) is None
    assert message in told(loader)[0]
    assert len(loader.problems) == 1


def test_a_file_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: [")
    loader = Loader()
    first = loader.file(folder(tmp_path), "a.yaml", HERE)
    assert loader.file(folder(tmp_path), "./a.yaml", HERE) is first
    assert len(loader.problems) == 1


def test_a_file_stays_in_its_folder(tmp_path: Path) -> None:
    inner = folder(tmp_path / "in")
    (tmp_path / "out.yaml").write_text("a: 1")
    (tmp_path / "in" / "link.yaml").symlink_to(tmp_path / "out.yaml")
    (tmp_path / "in" / "inside.yaml").write_text("a: 1")
    (tmp_path / "in" / "alias.yaml").symlink_to("inside.yaml")
    loader = Loader()
    assert loader.file(inner, "alias.yaml", HERE) is not None
    assert loader.file(inner, str(tmp_path / "in" / "inside.yaml"), HERE) is not None
    for path in ("../out.yaml", "link.yaml", "/etc/hostname"):
        assert loader.file(inner, path, HERE) is None
    assert [problem.message for problem in loader.problems] == [
        f'"{path}" leads out of "in"' for path in ("../out.yaml", "link.yaml", "/etc/hostname")
    ]


def test_what_can_not_be_read_is_said_where_it_is_named(tmp_path: Path) -> None:
    here = folder(tmp_path)
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    loader = Loader()
    for path in ("none.yaml", "pipe.yaml", "loop.yaml", "a\0b"):
        assert loader.file(here, path, HERE) is None
    assert all(problem.location == HERE.location() for problem in loader.problems)
    assert told(loader)[0] == 'k.yaml:1:1: error: "none.yaml": no such file or folder'
    assert "is a pipe, socket or device" in told(loader)[1]
    assert len(told(loader)) == 4


def test_a_folder_may_lie_elsewhere_but_not_around(tmp_path: Path) -> None:
    top, other = folder(tmp_path / "a" / "top"), folder(tmp_path / "b")
    (tmp_path / "a" / "top" / "again").symlink_to(tmp_path / "a" / "top")
    loader = Loader()
    assert loader.below([top], "../../b", HERE) == Folder("top/../../b", other.real)
    assert loader.below([top, other], "../a/top", HERE) is None
    assert loader.below([top], "..", HERE) is None
    assert loader.below([top], "again", HERE) is None
    assert loader.below([top], other.real, HERE) is None
    assert loader.below([top] * 64, "../../b", HERE) is None
    assert [problem.message for problem in loader.problems] == [
        '"../a/top" leads in a circle',
        '".." leads in a circle',
        '"again" leads in a circle',
        f"{quoted(other.real)} is absolute",
        "more than 64 kustomizations inside one another",
    ]


@pytest.mark.parametrize(
    "url", ["https://example.com/a", "git@example.com:a/b", "github.com/a/b?ref=main", "oci://x/y"]
)
def test_nothing_is_fetched(tmp_path: Path, url: str) -> None:
    loader = Loader()
    assert loader.below([folder(tmp_path)], url, HERE) is None
    assert told(loader) == [
        f'k.yaml:1:1: error: "{url}" is a URL; nothing is fetched: check it out, and name the folder'
    ]


def test_names_are_shown_short_where_that_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep" / "real").mkdir(parents=True)
    (tmp_path / "link").symlink_to("deep/real")
    (tmp_path / "base").mkdir()
    (tmp_path / "deep" / "base").mkdir()
    loader = Loader()
    plain, linked = Folder("deep", str(tmp_path / "deep")), Folder("link", str(tmp_path / "deep" / "real"))
    assert loader.below([plain], "../base", HERE) == Folder("base", str(tmp_path / "base"))
    assert loader.below([linked], "../base", HERE) == Folder("link/../base", str(tmp_path / "deep" / "base"))


def test_what_multiplies_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [a]")
    monkeypatch.setattr(module, "MAX_FILES", 2)
    monkeypatch.setattr(module, "MAX_KUSTOMIZATIONS", 2)
    monkeypatch.setattr(module, "MAX_DOCUMENTS", 2)
    monkeypatch.setattr(module, "MAX_PATCH_STEPS", 2)
    loader = Loader()
    for _ in range(2):
        loader.overlay(folder(tmp_path), HERE)
    with pytest.raises(TooMuch, match="more than 2 kustomizations"):
        loader.overlay(folder(tmp_path), HERE)
    with pytest.raises(TooMuch, match="more than 2 resources"):
        loader.count([Document({}, "f", "", 1)] * 3, HERE)
    with pytest.raises(TooMuch, match="too much to do"):
        loader.work(3, HERE)
    monkeypatch.setattr(module, "MAX_TOTAL_BYTES", 20)
    with pytest.raises(TooMuch, match="of them"):
        loader.count([Document({}, "f", "x" * 21, 1)], HERE)
    (tmp_path / "large.yaml").write_text("a: " + "x" * 20)
    with pytest.raises(TooMuch, match="more than 2 files"):
        loader.file(folder(tmp_path), "large.yaml", HERE)
