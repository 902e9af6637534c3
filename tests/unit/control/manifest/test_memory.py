import os
import sqlite3
from pathlib import Path

import pytest

from reconciler.control.intake import Intake, take_in
from reconciler.control.manifest import memory as module
from reconciler.control.manifest.memory import Memory

MODEL = "apiVersion: routerctl.dev/v1\nkind: Model\nmetadata: {{name: {name}, labels: {{a: b}}}}\nspec: {{displayName: {text}}}\n"
SECRET = "apiVersion: routerctl.dev/v1\nkind: Secret\nmetadata: {name: s}\nspec: {data: {KEY: {value: canary-canary}}}\n"


def model(name: str = "m", text: str = "one") -> str:
    return MODEL.format(name=name, text=text)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store-files.db"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "manifests"
    made.mkdir()
    return made


def read(folder: Path, path: Path, namespace: str | None = None) -> Intake:
    with Memory(path) as memory:
        return take_in([str(folder)], namespace=namespace, memory=memory)


def same(remembered: Intake, cold: Intake) -> bool:
    """In all that can be seen of it, the places included."""

    def seen(intake: Intake) -> object:
        return (
            [(item.resource, item.document.locate(("spec", "displayName"))) for item in intake.declared],
            [item.resource for item in intake.partial],
            intake.problems,
            intake.files,
            intake.empty,
        )

    return seen(remembered) == seen(cold)


def test_what_was_read_once_is_known_with_its_places(folder: Path, path: Path) -> None:
    (folder / "a.yaml").write_text(f"# first\n{model('a')}---\n---\n# second\n\n{model('b')}")
    cold = read(folder, path)
    again = read(folder, path)
    assert [item.document.sound for item in cold.declared] == [False, False]
    assert [item.document.sound for item in again.declared] == [True, True]
    assert same(again, cold)
    assert same(again, take_in([str(folder)]))


def test_other_content_is_read_anew_also_with_the_same_size_and_time(folder: Path, path: Path) -> None:
    file = folder / "a.yaml"
    file.write_text(model(text="one"))
    read(folder, path)
    status = file.stat()
    file.write_text(model(text="two"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    (item,) = read(folder, path).declared
    assert item.resource.spec == {"displayName": "two"}


def test_the_same_content_elsewhere_is_known_by_its_own_name(folder: Path, path: Path) -> None:
    (folder / "a.yaml").write_text(model())
    read(folder, path)
    (folder / "a.yaml").rename(folder / "b.yaml")
    (item,) = read(folder, path).declared
    assert (item.document.sound, item.document.file) == (True, str(folder / "b.yaml"))


@pytest.mark.parametrize(
    "text",
    [SECRET, model() + "unknown: 1\n", model() + "---\n" + model(), model("a") + "---\nx: [\n"],
    ids=["a secret in plain text", "an error", "declared twice", "cut off"],
)
def test_files_with_something_wrong_are_not_remembered(folder: Path, path: Path, text: str) -> None:
    (folder / "a.yaml").write_text(text)
    cold = read(folder, path)
    assert cold.problems
    assert not path.exists()
    assert same(read(folder, path), cold)


def test_a_null_is_a_field_that_is_not_given(folder: Path, path: Path) -> None:
    (folder / "a.yaml").write_text(model() + "status: null\n")
    assert same(read(folder, path), take_in([str(folder)]))
    assert same(read(folder, path), take_in([str(folder)]))


def test_a_namespace_that_is_asked_for_counts_as_ever(folder: Path, path: Path) -> None:
    (folder / "a.yaml").write_text(model().replace("name: m", "name: m, namespace: team"))
    (folder / "b.yaml").write_text(model("other"))
    read(folder, path)
    for namespace in (None, "team", "else"):
        assert same(read(folder, path, namespace), take_in([str(folder)], namespace=namespace))


@pytest.mark.parametrize("damage", [b"", b"no database at all, but long enough to be one" * 100])
def test_what_is_damaged_is_as_good_as_forgotten(folder: Path, path: Path, damage: bytes) -> None:
    (folder / "a.yaml").write_text(model())
    path.write_bytes(damage)
    cold = take_in([str(folder)])
    assert same(read(folder, path), cold)
    read(folder, path)
    assert same(read(folder, path), cold)
    assert [item.document.sound for item in read(folder, path).declared] == [True]


def test_a_folder_that_is_not_there_or_read_only_is_no_error(folder: Path, tmp_path: Path) -> None:
    (folder / "a.yaml").write_text(model())
    missing = tmp_path / "missing" / "store-files.db"
    assert same(read(folder, missing), take_in([str(folder)]))
    assert not missing.exists()


def test_nobody_else_may_read_it(folder: Path, path: Path) -> None:
    (folder / "a.yaml").write_text(model())
    read(folder, path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_was_read_first_is_forgotten_first(
    folder: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        (folder / f"{name}.yaml").write_text(model(name))
        read(folder, path)
    with sqlite3.connect(path) as connection:
        (size,) = connection.execute("SELECT sum(length(documents)) FROM file").fetchone()
    connection.close()
    monkeypatch.setattr(module, "MAX_BYTES", size)
    (folder / "d.yaml").write_text(model("d"))
    read(folder, path)
    assert [item.document.sound for item in read(folder, path).declared] == [False, True, True, True]


def test_other_code_remembers_nothing(folder: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.yaml").write_text(model())
    read(folder, path)
    monkeypatch.setattr(module, "code_digest", lambda *_names: b"another release")
    assert [item.document.sound for item in read(folder, path).declared] == [False]
