import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.protocol.json_places import Misplaced, Span, elements, members, spliced, value_end, whole

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def cut(text: bytes, span: Span) -> object:
    return json.loads(text[span.start : span.end])


@given(st.dictionaries(st.text(), values, max_size=5), st.sampled_from([None, 1]), st.booleans())
def test_the_members_of_any_object(value: dict[str, object], indent: int | None, ascii_only: bool) -> None:
    text = b" \n" + json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode() + b"\r\n"
    found = members(text, whole(text))
    assert [(json.loads(b'"%b"' % name), cut(text, span)) for name, span in found] == [*value.items()]


@given(st.lists(values, max_size=5), st.sampled_from([None, 1]))
def test_the_elements_of_any_array(value: list[object], indent: int | None) -> None:
    text = json.dumps(value, indent=indent).encode()
    assert [cut(text, span) for span in elements(text, 0)] == value


@pytest.mark.parametrize(
    "text",
    [b"", b" ", b"{", b"[1", b"{} {}", b'{"a"', b'"a', b"]", b"[[1]", b"1 2", b'{"a": "}'],
)
def test_what_does_not_end_or_is_not_one_value(text: bytes) -> None:
    with pytest.raises(Misplaced):
        whole(text)


@pytest.mark.parametrize(
    "text", [b"[]", b"{1: 2}", b'{"a" 1}', b'{"a": }', b'{"a": 1 "b": 2}', b'{"a": 1', b'{"a": 1,', b""]
)
def test_what_is_no_object(text: bytes) -> None:
    with pytest.raises(Misplaced):
        members(text)


@pytest.mark.parametrize("text", [b"{}", b"[1 2]", b"[1,]", b"[,]", b"[1,", b"[", b""])
def test_what_is_no_array(text: bytes) -> None:
    with pytest.raises(Misplaced):
        elements(text, 0)


@given(st.binary(max_size=40))
def test_no_bytes_harm_it(text: bytes) -> None:
    for read in (whole, members):
        with contextlib.suppress(Misplaced):
            read(text)


def test_brackets_in_strings_are_none() -> None:
    text = rb'{"a": ["]}\"", {"[": "\\"}], "b": 1}'
    assert value_end(text, 0) == len(text)


def test_depth_costs_no_stack() -> None:
    text = b"[" * 100_000 + b"]" * 100_000
    assert value_end(text, 0) == len(text)


def test_splicing() -> None:
    assert spliced(b"abcdef", [(Span(4, 5), b"XX"), (Span(0, 1), b"")]) == b"bcdXXf"
