from pathlib import Path

import pytest

from reconciler.resources import code
from reconciler.resources.code import code_digest


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of a module and a folder."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "one.py").write_text("1")
    (tmp_path / "module.py").write_text("2")
    monkeypatch.setattr(code, "_PACKAGE", tmp_path)
    return tmp_path


def digest() -> bytes:
    code_digest.cache_clear()
    return code_digest("folder", "module.py")


@pytest.mark.parametrize("file", ["folder/one.py", "folder/two.py", "folder/below/one.py", "module.py"])
def test_an_edit_gives_another_digest(package: Path, file: str) -> None:
    before = digest()
    (package / file).parent.mkdir(exist_ok=True)
    (package / file).write_text("3")
    assert digest() != before


def test_what_is_no_code_and_what_is_not_named_do_not_count(package: Path) -> None:
    before = digest()
    (package / "folder" / "notes.txt").write_text("3")
    (package / "other.py").write_text("3")
    assert digest() == before


def test_another_release_gives_another_digest(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest()
    monkeypatch.setattr(code, "__version__", "0.0.0-other")
    assert (package.is_dir(), digest() != before) == (True, True)


@pytest.fixture(autouse=True)
def forgotten() -> object:
    """What is kept of the real package is asked for anew afterwards."""
    yield
    code_digest.cache_clear()
