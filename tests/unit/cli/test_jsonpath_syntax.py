import pytest

from reconciler.cli.jsonpath_syntax import (
    Below,
    Every,
    Filter,
    Indexes,
    Names,
    Part,
    Path,
    Range,
    Value,
    parse,
)
from reconciler.errors import InvalidInput


def test_the_parts_of_a_template() -> None:
    assert parse("a {.b[*]}{$..c}") == (
        "a ",
        Path((Names(("b",)), Every())),
        Path((Below(), Names(("c",))), whole=True),
    )
    assert parse("{range .a[1:3]}{.}{end}") == (Range(Path((Names(("a",)), Part(1, 3, 1))), (Path(),)),)


def test_what_stands_between_brackets() -> None:
    assert parse(r"{.a\.b['c.d','e'][0,-1]}") == (
        Path((Names(("a.b",)), Names(("c.d", "e")), Indexes((0, -1)))),
    )
    assert parse('{[?(@.a=="b")]}') == (Path((Filter(Path((Names(("a",)),)), "==", Value("b")),)),)
    assert parse("{[?(@.a)]}") == (Path((Filter(Path((Names(("a",)),))),)),)


@pytest.mark.parametrize(
    ("template", "place", "why"),
    [
        ("{.a", 4, '"}" is missing'),
        ("x}", 2, '"}" without "{"'),
        ("{a}", 2, "a path begins with a dot"),
        ("a", 1, "a path begins with a dot"),
        (".a b", 4, "unexpected"),
        ("{range .items[*]}", 1, "{range} without {end}"),
        ("{.a}{end}", 5, "{end} without {range}"),
        ("{range .a}" * 17, 161, "too many ranges"),
        ("{.a[}", 5, "write [0]"),
        ("{.a[0}", 6, '"]" is missing'),
        ("{.a[0,'b']}", 10, "names and numbers"),
        ("{.a[::0]}", 5, "a step of 0"),
        ("{{.a}}", 2, "unexpected"),
        ("{.a..}", 6, "a name is missing"),
        ("{.a[?@.b]}", 6, '"(" is missing'),
        ("{.a[?()]}", 7, "a value is missing"),
        ("{.a[?(@.b==)]}", 12, "a value is missing"),
        ("{.a[?(@.b==1.5)]}", 12, "a value is missing"),
        ("{.a[?(@.b==1 && @.c)]}", 14, '")" is missing'),
        ("{.a[?(@.b[?(@.c)])]}", 12, "a filter within a filter"),
        ('{"a}', 2, "unexpected"),
    ],
)
def test_where_and_why_it_can_not_be_read(template: str, place: int, why: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(template)
    assert f"can't be read at character {place}" in caught.value.message
    assert why in caught.value.message
    assert "{.items[*].metadata.name}" in str(caught.value)
