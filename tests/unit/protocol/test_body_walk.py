import pytest

from reconciler.protocol.body_walk import MISSPELT, ONCE, Place, in_bytes, read, text_of, walk, whole
from reconciler.protocol.errors import InvalidRequest


def test_the_wanted_members_are_read_and_the_places_of_all() -> None:
    places: list[Place] = []
    text = ' {"a" : [1], "model":"m"} '
    assert whole(text, places, frozenset({"model"})) == {"model": ("m", (21, 24))}
    assert places == [("a", 2, 8, 11), ("model", 13, 21, 24)]


def test_a_walk_tells_where_an_object_ends() -> None:
    assert walk('[{"a":1}]', 1, frozenset({"a"}), []) == ({"a": (1, (6, 7))}, 8)


def test_a_second_member_of_a_name_counts_where_it_is_wanted() -> None:
    assert whole('{"a":1,"a":2}', [], frozenset({"b"})) == {}
    with pytest.raises(InvalidRequest, match="has `a` twice"):
        whole('{"a":1,"a":2}', [], frozenset({"a"}))


def test_places_in_bytes_follow_from_those_in_characters() -> None:
    assert in_bytes("abc", (1, 2)) == (1, 2)
    assert in_bytes("\u0436b\u0436", (1, 3)) == (2, 5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a":1', "Expecting ',' delimiter at line 1 column 7"),
        ('{"a":\n[1}', "Expecting ',' delimiter at line 2 column 3"),
        ('{"a":"\x01"}', "Invalid control character at line 1 column 7"),
        ('{"a":"b', "Unterminated string starting at line 1 column 6"),
        ("[" * 100_000, "it is nested too deeply"),
        ('{"a":NaN}', "it holds a number that JSON does not have or nobody can read"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(text, [], ONCE)
    assert caught.value.error.message == f"We could not parse the JSON body of your request: {said}."


def test_what_is_no_utf_8_is_told_with_its_place() -> None:
    assert text_of("\u0436".encode()) == "\u0436"
    with pytest.raises(InvalidRequest, match="it is not UTF-8 at byte 1"):
        text_of(b"a\xff")


def test_no_right_name_is_misspelt() -> None:
    assert not MISSPELT & ONCE
    assert {"Model", "STREAM", "\u017ftream"} <= MISSPELT
