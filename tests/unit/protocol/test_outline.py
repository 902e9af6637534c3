import json

import pytest

from reconciler.protocol.outline import COMPACT, SPACED, UNKNOWN, located, outline, spacing
from reconciler.protocol.parameters import Member

MEMBERS = {"model": "m", "\u0436": [1, {"a": '\u00e9, ": '}], "user": None}


def spacing_of(text: bytes) -> int:
    members = outline(text)
    return UNKNOWN if members is None else spacing(text, members)


def test_the_bytes_of_each_value_are_told_and_no_more() -> None:
    members = outline(b' {"a" : [1, {"b":"\\"}"}] ,"\\u0063":-1.50e3}\n')
    assert members is not None
    assert {name: bytes(value) for name, value in members.items()} == {
        "a": b'[1, {"b":"\\"}"}]',
        "c": b"-1.50e3",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"a":1}', COMPACT),
        (b'{"a": 1}', SPACED),
        (b'{"a":1,"b":{"c": [1, 2]}}', COMPACT),
        (b'{"a": 1, "b": {"c":[1,2]}}', SPACED),
        (b"{}", UNKNOWN),
        (b'{ "a":1}', UNKNOWN),
        (b'{"a":1, "b":2}', UNKNOWN),
        (b'{"a": 1,"b": 2} ', UNKNOWN),
        (b'{"a":1,"a":2}', UNKNOWN),
        (b'{"a":1,"a":22,"b":1}', UNKNOWN),
        (b'{"a":1,"b":2,"c":3,"a":4}', UNKNOWN),
        (b'{"a":1,"a":2,"b":3,"c":4,"d":5}', UNKNOWN),
        (b'{"\\u0061":1}', UNKNOWN),
        (b'{"a b": 1}', UNKNOWN),
        (json.dumps(MEMBERS, ensure_ascii=False).encode(), UNKNOWN),
    ],
)
def test_blanks_are_known_where_nothing_else_is_there(text: bytes, expected: int) -> None:
    assert spacing_of(text) == expected


def places(text: bytes) -> tuple[Member, ...] | None:
    members = outline(text)
    return None if members is None else located(text, members)


@pytest.mark.parametrize(
    "form", ['{"model":%s,"list":%s,"n":%s}', ' {"model" : %s ,\n\t"list": %s, "n":%s \r}\n']
)
def test_members_are_located_where_they_were_written(form: str) -> None:
    said = {"model": "m", "list": [{"content": '\u0436 ": { , }'}], "n": 1}
    text = (form % tuple(json.dumps(value, ensure_ascii=False) for value in said.values())).encode()
    found = places(text)
    assert found is not None
    assert {each.name: json.loads(text[each.value : each.end]) for each in found} == said
    assert [text[each.start : each.start + 3] for each in found] == [b'"mo', b'"li', b'"n"']


@pytest.mark.parametrize(
    "text",
    [
        b"[]",
        b"{}",
        b"{ }",
        b'{"a":tru}',
        b'{"a":1,"a":2}',
        b'{"a":1, "a":1}',
        b'{"a":1, "b":2, "a":1}',
        b'{"a":12, "a":1}',
        b'{"a":1, "a":12}',
        b'{"a":1, "b":{"a":2}, "a":1}',
        b'{"\\u0061": 1 }',
        b'{"a b": 1 }',
        b'{"x\\":1,\\"a":1, "a":1}',
    ],
)
def test_of_other_texts_no_place_is_told(text: bytes) -> None:
    assert places(text) is None


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b'{"a":1}}',
        b'{"a":"\xff"}',
        b'{"a":["\xc3"]}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":NaN}',
        b'{"a":"\x01"}',
        b'{"a":["\\x"]}',
        b'{"a":01}',
        b'{"a":' + b"[" * 100_000,
        b'{"a":' + b"[" * 801 + b"]" * 801 + b"}",
        b'{"a":"' + b"{" * 801 + b'"}' + b" " * 801,
        b'{"a":' + b"9" * 4301 + b"}",
    ],
)
def test_what_is_no_json_or_too_much_has_no_outline(text: bytes) -> None:
    assert outline(text) is None


@pytest.mark.parametrize("before", [0, 1, 2142, 2143, 2144, 4300, 6000])
def test_no_number_that_python_refuses_has_an_outline(before: int) -> None:
    padding = b"x" * before
    assert outline(b'{"a":"%b","b":%b}' % (padding, b"7" * 4301)) is None
    assert outline(b'{"a":"%b","b":%b,"c":"%b"}' % (padding, b"7" * 2149, b"x" * 4000)) is not None


def test_a_long_text_of_few_brackets_has_an_outline() -> None:
    text = b'{"a":"' + b"x" * 30_000 + b'","b":' + b"[" * 400 + b"]" * 400 + b"}"
    assert outline(text) is not None
