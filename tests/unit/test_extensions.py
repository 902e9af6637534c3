import sys
from pathlib import Path

import pytest
from fakes.package import GROUP, install

from reconciler import extensions
from reconciler.extensions import NotLoaded, digest, entries


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one place where packages are."""
    monkeypatch.setattr(sys, "path", [str(tmp_path / "gone"), str(tmp_path), str(tmp_path / "later")])
    return tmp_path


def test_packages_are_found_by_what_is_written_down_of_them(site: Path) -> None:
    install(site, "Acme_LLM", "acme = acme_mod:ROW [extra]\n# no = no:no\nodd")
    install(site / "later", "acme-llm", "shadowed = x:y", version="9")
    install(site, "none", "")
    (site / "bare-1.dist-info").mkdir()
    (found,) = entries(GROUP)
    assert (found.name, found.target, found.package) == ("acme", "acme_mod:ROW", "acme-llm 1.0.0")
    assert entries("another.group") == ()


def test_one_is_imported_when_it_is_asked_for(site: Path) -> None:
    install(site, "acme", "a = acme_ext_one:Row.value\nb = acme_ext_two:ROW\nc = acme_ext_one:NO\nd = acme_ext_three:X\ne = odd target", {
        "acme_ext_one.py": "class Row:\n    value = 7\n",
        "acme_ext_two.py": "raise SystemExit('gone\\n away')\n",
    })  # fmt: skip
    found = {each.name: each for each in entries(GROUP)}
    assert "acme_ext_one" not in sys.modules
    assert found["a"].load() == 7
    for name, words in (
        ("b", "SystemExit: gone away"),
        ("c", "AttributeError"),
        ("d", "ModuleNotFoundError"),
        ("e", "does not name"),
    ):
        with pytest.raises(NotLoaded, match=words):
            found[name].load()


def test_another_version_or_an_edit_has_another_digest(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert digest(GROUP) == b""
    folder = install(site, "acme", "a = acme_dig_one.inner:ROW\nb = acme_dig_two:ROW\nc = no such:x\nd = acme_dig_none:x", {
        "acme_dig_one/__init__.py": "raise RuntimeError('not to be imported')",
        "acme_dig_one/deep/x.py": "1",
        "acme_dig_two.py": "",
    })  # fmt: skip
    seen = {digest(GROUP)}
    (site / "acme_dig_one/deep/x.py").write_text("12")
    seen.add(digest(GROUP))
    (site / "acme_dig_two.py").write_text("1")
    seen.add(digest(GROUP))
    (folder / "RECORD").write_text("acme,sha256=x,1")
    seen.add(digest(GROUP))
    assert len(seen) == 4

    def broken(_: str) -> None:
        raise ValueError("__spec__ is None")

    monkeypatch.setattr(extensions, "find_spec", broken)
    assert digest(GROUP) not in seen
