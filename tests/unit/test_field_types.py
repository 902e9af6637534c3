from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from reconciler.field_types import (
    ClientName,
    Duration,
    ObjectName,
    SecretField,
    ShortText,
    Timeout,
)
from reconciler.field_values import milliseconds

DURATION = TypeAdapter[Any](Duration)
TIMEOUT = TypeAdapter[Any](Timeout)
NAME = TypeAdapter[Any](ObjectName)
CLIENT_NAME = TypeAdapter[Any](ClientName)
SECRET = TypeAdapter[Any](SecretField)
NO_DURATION = "expected a duration such as 90s, 250ms or 1h30m"


def refusal(adapter: TypeAdapter[Any], value: object) -> str:
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(value)
    return str(caught.value.errors()[0]["msg"])


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("90s", 90_000),
        ("1m30s", 90_000),
        (90_000, 90_000),
        ("250ms", 250),
        ("1h30m", 5_400_000),
        ("1h1m1s1ms", 3_661_001),
        (0, 0),
        ("0ms", 0),
    ],
)
def test_a_duration_has_one_value_however_it_is_written(written: str | int, value: int) -> None:
    assert DURATION.validate_python(written) == written
    assert milliseconds(written) == value


UNITS = st.sampled_from([("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)])


@given(st.lists(st.tuples(st.integers(0, 99_999), UNITS), min_size=1, max_size=4))
def test_the_parts_of_a_duration_add_up(parts: list[tuple[int, tuple[str, int]]]) -> None:
    written = "".join(f"{count}{unit}" for count, (unit, _) in parts)
    assert milliseconds(DURATION.validate_python(written)) == sum(count * size for count, (_, size) in parts)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "90",
        "s",
        "-1s",
        "1.5s",
        "90 s",
        "1d",
        "1h1m1s1ms1h",
        "123456s",
        "٣s",
        "90s\n",
        True,
        None,
        1.5,
        [],
    ],
)
def test_what_is_no_duration(written: object) -> None:
    assert refusal(DURATION, written) == NO_DURATION


@pytest.mark.parametrize("written", [-1, 2**53])
def test_a_duration_out_of_range(written: int) -> None:
    assert "duration" in refusal(DURATION, written)


@pytest.mark.parametrize("written", [1, 30, 999])
def test_a_small_integer_is_taken_for_a_slip(written: int) -> None:
    assert refusal(TIMEOUT, written) == f"{written} is {written} ms; write {written}s or {written}ms"


@pytest.mark.parametrize("written", ["0s", "0ms", "0h0m"])
def test_a_timeout_is_not_zero(written: str) -> None:
    assert "zero" in refusal(TIMEOUT, written)


@pytest.mark.parametrize("written", ["30ms", "30s", 1000, "1ms"])
def test_a_timeout(written: str | int) -> None:
    assert TIMEOUT.validate_python(written) == written


@pytest.mark.parametrize("written", [True, "30", None])
def test_what_is_no_timeout(written: object) -> None:
    assert refusal(TIMEOUT, written) == NO_DURATION


@pytest.mark.parametrize("name", ["a", "A", "0", "ollama_local", "a.b-c_d", "a" * 253, "GPT-4.1"])
def test_a_name(name: str) -> None:
    assert NAME.validate_python(name) == name


@pytest.mark.parametrize("name", ["", "-a", "a-", ".a", "a/b", "a b", "ä", "a" * 254, "a\n", "_a", 5, None])
def test_what_is_no_name(name: object) -> None:
    refusal(NAME, name)


@pytest.mark.parametrize("name", ["gpt-4", "org/model:free", "ä 模型", "*", "x" * 256])
def test_what_a_client_may_ask_for(name: str) -> None:
    assert CLIENT_NAME.validate_python(name) == name


@pytest.mark.parametrize("name", ["", " a", "a ", "a\nb", "a\x1b[2J", "a\u202eb", "x" * 257, 7])
def test_what_no_client_can_ask_for(name: object) -> None:
    refusal(CLIENT_NAME, name)
    refusal(TypeAdapter(ShortText), name)


@pytest.mark.parametrize(
    "written",
    [
        "sk-1",
        {"sealed": "v-abc"},
        {"valueFrom": {"env": "A_KEY"}},
        {"valueFrom": {"env": "_key2"}},
        {"valueFrom": {"file": "/run/secrets/a"}},
        {"valueFrom": {"secret": {"name": "n", "key": "k"}}},
    ],
)
def test_a_secret_field(written: object) -> None:
    validated = SECRET.validate_python(written)
    assert SECRET.validate_python(validated) == validated


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({}, "expected exactly one of valueFrom, sealed"),
        ({"sealed": "v-a", "valueFrom": {"env": "A"}}, "expected exactly one of valueFrom, sealed"),
        ({"valueFrom": {}}, "expected exactly one of env, file, secret in valueFrom"),
        ({"valueFrom": {"env": "A", "file": "b"}}, "expected exactly one of env, file, secret in valueFrom"),
        (7, "expected text, valueFrom or sealed"),
        (["a"], "expected text, valueFrom or sealed"),
    ],
)
def test_a_secret_field_has_one_way_to_its_value(written: object, message: str) -> None:
    assert refusal(SECRET, written) == message


@pytest.mark.parametrize(
    "written",
    [
        "",
        {"sealed": "abc"},
        {"valueFrom": {"secret": {"name": "n"}}},
        {"value": "sk-1"},
        *({"valueFrom": {"env": name}} for name in ("*", "A*", "", "1A", "A B", "A\n", "\u00c9", "A" * 257)),
    ],
)
def test_what_is_no_secret_field(written: object) -> None:
    refusal(SECRET, written)
