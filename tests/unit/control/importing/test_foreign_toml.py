import pytest

from reconciler.control.importing.foreign_toml import read_foreign_toml
from reconciler.errors import InvalidInput


def test_fractions_and_times_are_text() -> None:
    text = b"a = 1.5\nb = 7\nc = [true, 2026-01-01]\nd = 99999999999999999999\n[e]\nf = 'x'\n"
    assert read_foreign_toml(text, "f") == {
        "a": "1.5",
        "b": 7,
        "c": [True, "2026-01-01"],
        "d": "99999999999999999999",
        "e": {"f": "x"},
    }


@pytest.mark.parametrize("content", [b"a = ", b"\xff", b"a = " + b"[" * 5000])
def test_what_is_no_toml_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"^f is n"):
        read_foreign_toml(content, "f")
