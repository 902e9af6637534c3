"""The editor is a program of its own here as well; `typed` writes it."""

import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest, served

Typed = Callable[..., Path]


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.apply(served("m", enabled=True))
    return routerctl


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Each (old, new) is replaced in the text of one page; the pages are kept. Gives the folder of the pages."""

    def make(*pages: tuple[str, str]) -> Path:
        folder = tmp_path / "pages"
        folder.mkdir(exist_ok=True)
        script = tmp_path / "editor.py"
        script.write_text(
            "import pathlib, sys\n"
            f"folder, pages, file = pathlib.Path({str(folder)!r}), {pages!r}, pathlib.Path(sys.argv[1])\n"
            "number = len(list(folder.iterdir()))\n"
            "text = file.read_text()\n"
            "(folder / str(number)).write_text(f'{file.stat().st_mode & 0o777:o} {file}\\n{text}')\n"
            "if number < len(pages):\n"
            "    file.write_text(text.replace(*pages[number]) if pages[number][0] else pages[number][1])\n"
        )
        monkeypatch.setenv("VISUAL", f"{sys.executable} -S {script}")
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        monkeypatch.setattr("tempfile.tempdir", None)
        return folder

    return make


def drafts(folder: Path) -> list[Path]:
    return list(folder.glob("routerctl-edit-*"))


def test_what_was_changed_is_shown_and_applied(filled: Routerctl, typed: Typed) -> None:
    pages = typed(("enabled: true", "enabled: false"))
    lines = filled.ok("edit", "provider/m", "-m", "it flaps").splitlines()
    assert lines[:3] == ["~ Provider/m  (a.yaml)", "    spec.enabled: true → false", "provider/m edited"]
    assert lines[3].startswith("Revision 2  digest ")
    mode, page = (pages / "0").read_text().split(" ", 1)
    assert mode == "600"
    assert "# Left as it is" not in page
    assert (
        "\napiVersion: routerctl.dev/v1\nkind: Provider\nmetadata:\n  name: m\nspec:\n  type: simulator\n"
        in page
    )
    assert "managedFields" not in page
    assert drafts(filled.folder) == []
    (revision, _) = filled("history", "-o", "json").json()["items"]
    assert (revision["operation"], revision["message"]) == ("edit", "it flaps")


def test_left_as_it_is(filled: Routerctl, typed: Typed) -> None:
    typed()
    assert filled.ok("edit", "provider/m") == "Edit cancelled, no changes made.\n"
    typed(("", "# only a comment\n"))
    (filled.folder / "pages" / "0").unlink()
    assert filled.ok("edit", "provider/m") == "Edit cancelled, the file is empty.\n"
    assert drafts(filled.folder) == []
    assert filled.ok("history", "-o", "name") == "revision/1\n"


def test_it_is_opened_again_with_the_errors_on_top(filled: Routerctl, typed: Typed) -> None:
    pages = typed(
        ("enabled: true", "enabled: [true"),
        ("enabled: [true", "enabled: maybe"),
        ("enabled: maybe", "enabled: false"),
    )
    filled.ok("edit", "provider/m")
    second, third = ((pages / name).read_text().splitlines() for name in "12")
    place, _, message = second[2].removeprefix("#   ").partition(": error: ")
    file, line, _ = place.rsplit(":", 2)
    assert second[0].endswith(f" {file}")
    assert "not closed" in message
    assert second[int(line)].strip() == "enabled: [true"  # the first line of what is kept is not the file's
    assert third[1:4] == [
        "# It can't be applied so. Left as it is, it is given up:",
        "#   error: Provider/m: spec.enabled: expected true or false",
        "#",
    ]


def test_what_was_written_is_kept_where_it_is_given_up(filled: Routerctl, typed: Typed) -> None:
    typed(("enabled: true", "enabled: maybe"))
    done = filled("edit", "provider/m")
    (kept,) = drafts(filled.folder)
    assert (done.code, done.out) == (3, "")
    assert done.err.splitlines()[0] == f"What you wrote is kept in {kept}"
    assert done.err.splitlines()[1].startswith("error: Provider/m: spec.enabled: ")
    assert "enabled: maybe" in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_nothing_dangles_after_an_edit(filled: Routerctl, typed: Typed) -> None:
    pages = typed(("provider: m", "provider: zzz"))
    done = filled("edit", "binding/m")
    assert done.code == 3
    assert "refers to Provider/zzz, which does not exist" in (pages / "1").read_text()


def test_a_secret_is_shown_as_it_is_sealed(filled: Routerctl, typed: Typed) -> None:
    filled.apply(
        served("m"),
        manifest(
            "Provider",
            "far",
            {"type": "lm-studio", "config": {"baseURL": "http://a:1/v1", "apiKey": "sk-old"}},
        ),
    )
    pages = typed(("sealed: v-", "value: v-"), ("value: v-", "sealed: v-"), ("priority: 0", "priority: 1"))
    filled.ok("edit", "provider/far")
    assert "sk-old" not in (pages / "0").read_text()
    assert "apiKey:\n      sealed: v-" in (pages / "0").read_text()


def test_one_resource_that_is_there(filled: Routerctl, typed: Typed) -> None:
    typed()
    assert filled("edit", "provider/m", "model/m").code == 2
    assert filled("edit", "provider/zzz").code == 3


def test_a_dry_run(filled: Routerctl, typed: Typed) -> None:
    typed(("enabled: true", "enabled: false"))
    assert filled.ok("edit", "provider/m", "--dry-run").splitlines()[-1] == "provider/m edited (dry run)"
    assert filled.ok("history", "-o", "name") == "revision/1\n"
