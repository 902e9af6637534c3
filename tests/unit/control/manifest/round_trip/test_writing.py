from reconciler.control.manifest.round_trip.layout import Style
from reconciler.control.manifest.round_trip.loader import load
from reconciler.control.manifest.round_trip.nodes import Mapping, Scalar
from reconciler.control.manifest.round_trip.splices import Splices
from reconciler.control.manifest.round_trip.writing import Place, Writing
from reconciler.json_types import JsonValue


def written(
    text: str, value: JsonValue, *, anchor: str | None = None, drop: bool = False, flow: bool = False
) -> str:
    """`text` with `value` in the place of its first entry's."""
    root = load(text)
    assert isinstance(root, Mapping)
    entry = root.entries[0]
    splices = Splices(text, "\n")
    writing = Writing(splices, Style())
    if drop:
        assert isinstance(entry.value, Scalar | Mapping)
        writing.drop_anchor(entry.value)
    place = Place(entry.after or entry.key_end, 0, flow=flow, lacks_colon=entry.after is None)
    writing.value(entry.value, value, place, anchor=anchor)
    return splices.made()


def test_the_quotes_stay() -> None:
    assert written("a: 'x' # c\n", "y") == "a: 'y' # c\n"
    assert written("a: 'x' # c\n", "p\nq") == "a: |- # c\n  p\n  q\n"
    assert written("{a: 'x'}", "p\nq", flow=True) == '{a: "p\\nq"}'


def test_the_anchor_stays_or_goes() -> None:
    assert written("a: &b x # c\n", "v") == "a: &b v # c\n"
    assert written("a: &b x # c\n", "v", drop=True) == "a: v # c\n"
    assert written("a:  &b  # c\n  x: 1\n", {"y": {}}, drop=True) == 'a:  # c\n  "y": {}\n'
    assert written("a: &b # c\n  x: 1\n", "v") == "a: &b v # c\n"
    assert written("a: &b\n", "v", drop=True) == "a: v\n"


def test_an_anchor_comes() -> None:
    assert written("a: x\n", "v", anchor="b") == "a: &b v\n"
    assert written("a: x\n", {"l": ["y" * 60]}, anchor="b") == f"a: &b\n  l:\n    - {'y' * 60}\n"


def test_a_colon_comes_where_there_is_none() -> None:
    assert written("{a, b: 1}", 5, flow=True) == "{a: 5, b: 1}"


def test_a_value_on_a_line_of_its_own_makes_room() -> None:
    assert written("a:\n  x\n# c\n", {"l": ["y" * 60]}) == f"a:\n  l:\n    - {'y' * 60}\n# c\n"
    assert written("a: x\n# c\n", {"l": ["y" * 60]}) == f"a:\n  l:\n    - {'y' * 60}\n# c\n"
    assert written("a:\n# c\n", {"l": 1}) == "a:\n  l: 1\n# c\n"


def test_what_stood_in_a_block_is_written_in_a_block() -> None:
    assert written("a:\n  - x\n", {"l": 1}) == "a:\n  l: 1\n"
    assert written("a: |\n  x\n", {"l": 1}) == "a:\n  l: 1\n"
    assert written("a: [x]\n", {"l": 1}) == "a: {l: 1}\n"
