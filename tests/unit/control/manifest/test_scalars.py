import pytest

from reconciler.control.manifest.reader import read_text
from reconciler.control.manifest.scalars import UnusableScalarError, number
from reconciler.json_types import MAX_SAFE_INTEGER, JsonValue


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("Null", None),
        ("NULL", None),
        ("nULL", "nULL"),
        ("true", True),
        ("True", True),
        ("TRUE", True),
        ("tRUE", "tRUE"),
        ("false", False),
        ("False", False),
        ("FALSE", False),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("N", "N"),
        ("0", 0),
        ("-0", 0),
        ("12", 12),
        ("+12", 12),
        ("-12", -12),
        ("0123", 123),
        ("0o17", 15),
        ("0x1F", 31),
        ("-0x1F", "-0x1F"),
        ("0o8", "0o8"),
        ("0b101", "0b101"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2001-01-01", "2001-01-01"),
        ("2001-01-01T10:00:00Z", "2001-01-01T10:00:00Z"),
        ("90s", "90s"),
        ("1.2.3", "1.2.3"),
        ("127.0.0.1", "127.0.0.1"),
        (".", "."),
        ("..", ".."),
        ("+", "+"),
        ("e3", "e3"),
        ("nan", "nan"),
        ("inf", "inf"),
        (str(MAX_SAFE_INTEGER), MAX_SAFE_INTEGER),
        (str(-MAX_SAFE_INTEGER), -MAX_SAFE_INTEGER),
        ("'12'", "12"),
        ('"true"', "true"),
        ("''", ""),
        ("|\n  12", "12"),
    ],
)
def test_scalars_are_read_by_the_core_schema(written: str, value: JsonValue) -> None:
    (document,) = read_text(f"a: {written}", "f").documents
    assert document.data == {"a": value}
    assert type(document.data["a"]) is type(value)


@pytest.mark.parametrize(
    "written",
    ["1.5", "1.", ".5", "-.5", "+1.5e3", "1e3", "1E-3", ".inf", "-.Inf", "+.INF", ".nan", ".NaN", ".NAN"],
)
def test_floats_are_refused(written: str) -> None:
    with pytest.raises(UnusableScalarError, match="floats are not used") as caught:
        number(written)
    assert caught.value.hint == "write it as a string (in quotes) or as an integer"


@pytest.mark.parametrize(
    "written",
    [str(MAX_SAFE_INTEGER + 1), str(-MAX_SAFE_INTEGER - 1), "0x" + "F" * 20, "0o" + "7" * 30, "9" * 100_000],
)
def test_integers_that_have_no_exact_json_are_refused_without_echo(written: str) -> None:
    with pytest.raises(UnusableScalarError) as caught:
        number(written)
    assert written not in str(caught.value)
    assert str(MAX_SAFE_INTEGER) in caught.value.hint
