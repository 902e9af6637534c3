"""What is written, what should be declared, and the text that comes of it: everything else stays."""

import pytest

from reconciler.control.manifest.reader import read_text
from reconciler.control.manifest.round_trip.loader import UnreadableError
from reconciler.control.manifest.round_trip.patch import patched
from reconciler.json_types import JsonObject
from reconciler.resources.structure import ATOMIC, Shape, Structure

CASES: dict[str, tuple[str, JsonObject, str]] = {
    "nothing differs": ("a:   1 # x\nb: [ 1,2 ]\n", {"b": [1, 2], "a": 1}, "a:   1 # x\nb: [ 1,2 ]\n"),
    "a plain value": ("a: one   # x\nb: 2\n", {"a": "two", "b": 2}, "a: two   # x\nb: 2\n"),
    "single quotes": ("a: 'it'\n", {"a": "it's"}, "a: 'it''s'\n"),
    "double quotes": ('a: "x" # c\n', {"a": "y"}, 'a: "y" # c\n'),
    "double quotes that were not needed": ('a: "x"\n', {"a": "plain"}, 'a: "plain"\n'),
    "text that looks like a number": ("a: x\n", {"a": "1"}, 'a: "1"\n'),
    "another type": ('a: "1"\n', {"a": 1}, "a: 1\n"),
    "text becomes true": ("a: no\n", {"a": True}, "a: true\n"),
    "a number in hexadecimal": ("a: 0x10 # c\n", {"a": 17}, "a: 17 # c\n"),
    "an empty value": ("a: # c\nb: 1\n", {"a": "x", "b": 1}, "a: x # c\nb: 1\n"),
    "an empty value at the end": ("b: 1\na:", {"a": "x", "b": 1}, "b: 1\na: x"),
    "a value on the next line": ("a:\n  # c\n  one\nb: 1\n", {"a": "two", "b": 1}, "a:\n  # c\n  two\nb: 1\n"),
    "a text over several lines": ("a: one\n  two # c\nb: 1\n", {"a": "x", "b": 1}, "a: x # c\nb: 1\n"),
    "a literal block": ("a: | # c\n   one\n\nb: 1\n", {"a": "two\nlines\n", "b": 1}, "a: | # c\n  two\n  lines\n\nb: 1\n"),
    "a literal block that ends otherwise": ("a: |\n  one\n", {"a": "two"}, "a: |-\n  two\n"),
    "a literal block that keeps its end": ("a: |+\n  one\n\nb: 1\n", {"a": "x", "b": 1}, "a: |-\n  x\n\nb: 1\n"),
    "a block that can't be one": ("a: |\n  one\nb: 1\n", {"a": " x\n", "b": 1}, 'a: " x\\n"\nb: 1\n'),
    "a folded block": ("a: >-\n  one\n  two\n", {"a": "x\ny\n\nz"}, "a: >-\n  x\n\n  y\n\n\n  z\n"),
    "a long folded block": (
        "a: >\n  one two three four five\n  six\n",
        {"a": "one two three four five six seven\n"},
        "a: >\n  one two three four five\n  six seven\n",
    ),
    "a text becomes lines": ("a: x # c\nb: 1\n", {"a": "p\nq", "b": 1}, "a: |- # c\n  p\n  q\nb: 1\n"),
    "a text becomes a short mapping": ("a: x # c\n", {"a": {"b": 1}}, "a: {b: 1} # c\n"),
    "a text becomes a long mapping": (
        "a: x # c\nb: 1\n",
        {"a": {"long": "x" * 60, "list": [1, "two"]}, "b": 1},
        f"a: # c\n  long: {'x' * 60}\n  list:\n    - 1\n    - two\nb: 1\n",
    ),
    "a mapping becomes a text": ("a: # c\n  # d\n  x: 1\nb: 1\n", {"a": "t", "b": 1}, "a: t # c\n  # d\nb: 1\n"),
    "a mapping becomes lines": ("a: # c\n  # d\n  x: 1\nb: 1\n", {"a": "p\nq", "b": 1}, "a: |- # c\n  p\n  q\nb: 1\n"),
    "a mapping of which nothing stays": ("a:\n    x: 1\nb: 1\n", {"a": {"v": 2}, "b": 1}, "a:\n    v: 2\nb: 1\n"),
    "a mapping that is emptied": ("a: # c\n  x: 1\nb: 1\n", {"a": {}, "b": 1}, "a: {} # c\nb: 1\n"),
    "a list that is emptied": ("a:\n- x\n- y\nb: 1\n", {"a": [], "b": 1}, "a: []\nb: 1\n"),
    "a list that was empty": ("a: [] # c\n", {"a": ["x", "a,b"]}, 'a: [x, "a,b"] # c\n'),
    "a new key": ("a: 1 # c\nc: 3\n", {"a": 1, "b": 2, "c": 3}, "a: 1 # c\nb: 2\nc: 3\n"),
    "a new key behind what is commented out": (
        "a:\n  x: 1\n  # y: 2\n\n  # z: 3\n\n# next\nc: 3\n",
        {"a": {"x": 1}, "b": 2, "c": 3},
        "a:\n  x: 1\n  # y: 2\n\n  # z: 3\nb: 2\n\n# next\nc: 3\n",
    ),
    "new keys at the end of a file without a line end": ("a: 1", {"a": 1, "b": 2, "c": 3}, "a: 1\nb: 2\nc: 3"),
    "a new key behind a block at the end": ("a: |\n  x", {"a": "x", "b": 2}, "a: |-\n  x\nb: 2"),
    "a new key behind a block that keeps its end": ("a: |+\n  x\n\n", {"a": "x\n\n", "b": 2}, "a: |+\n  x\n\nb: 2\n"),
    "a new mapping, indented as the others": (
        "a:\n    x: 1\nl:\n- 1\n",
        {"a": {"x": 1}, "b": {"v": {"z": [2]}}, "l": [1]},
        "a:\n    x: 1\nb:\n    v:\n        z:\n        - 2\nl:\n- 1\n",
    ),
    "a key without a place comes last": ("b: 1\nc: 2\n", {"a": 0, "b": 1, "c": 2}, "b: 1\nc: 2\na: 0\n"),
    "a key goes": ("a: 1\n# on b\nb: 2 # c\n   # more\nc: 3\n", {"a": 1, "c": 3}, "a: 1\n# on b\nc: 3\n"),
    "a mapping goes": ("a:\n  x: 1\n\n  # y\nb: 2\n", {"b": 2}, "b: 2\n"),
    "the last key goes": ("a: 1\nb: 2", {"a": 1}, "a: 1"),
    "an explicit key": ("? a\n: one\n? b\n: two\n", {"a": "x"}, "? a\n: x\n"),
    "a quoted key": ('"a": 1 # c\n', {"a": 2}, '"a": 2 # c\n'),
    "nulls stay": ("a: ~ # c\nb: 1\n", {"b": 2}, "a: ~ # c\nb: 2\n"),
    "braces": ("{ a: 1, b : two }\n", {"a": 2, "b": "x:y"}, '{ a: 2, b : "x:y" }\n'),
    "a new key in braces": ("a: {x: 1} # c\n", {"a": {"x": 1, "v": "z"}}, "a: {x: 1, v: z} # c\n"),
    "the first key in braces goes": ("a: {x: 1, y: 2, z: 3}\n", {"a": {"y": 2, "z": 3}}, "a: {y: 2, z: 3}\n"),
    "the last keys in braces go": ("a: {x: 1, y: 2, z: 3}\n", {"a": {"x": 1}}, "a: {x: 1}\n"),
    "a key without a value in braces": ("{a: {x, y: 1}}\n", {"a": {"x": 5, "y": 1}}, "{a: {x: 5, y: 1}}\n"),
    "an item changes": ("l:\n- a # 1\n- b # 2\n", {"l": ["a", "c"]}, "l:\n- a # 1\n- c # 2\n"),
    "an item goes": ("l:\n  - a # 1\n  # on b\n  - b\n  - c\n", {"l": ["a", "c"]}, "l:\n  - a # 1\n  # on b\n  - c\n"),
    "items come": ("l:\n  - b # 2\n", {"l": ["a", "b", "c", "d"]}, "l:\n  - a\n  - b # 2\n  - c\n  - d\n"),
    "items in brackets": ("l: [a, b] # c\n", {"l": ["x", "a", "c"]}, "l: [x, a, c] # c\n"),
    "an item in brackets goes": ("l: [a, b, c]\n", {"l": ["a", "c"]}, "l: [a, c]\n"),
    "brackets over several lines": (
        "l: [\n  a, # one\n  b # two\n]\n",
        {"l": ["a", "x", "b", "c"]},
        "l: [\n  a, # one\n  x,\n  b, # two\n  c\n]\n",
    ),
    "a comma at the end": ("l: [\n  a, # one\n]\n", {"l": ["a", "b"]}, "l: [\n  a, # one\n  b,\n]\n"),
    "the last of several lines goes": ("l: [\n  a, # one\n  b\n]\n", {"l": ["a"]}, "l: [\n  a, # one\n]\n"),
    "a list in a list": ("l:\n- - a # 1\n  - b\n", {"l": [["a", "c"]]}, "l:\n- - a # 1\n  - c\n"),
    "mappings in a list": (
        "l:\n- a: 1 # x\n  b: 2\n- a: 3\n",
        {"l": [{"a": 1, "b": 3, "c": 4}, {"a": 3}, {"a": {"z": 5}, "b": 6}]},
        "l:\n- a: 1 # x\n  b: 3\n  c: 4\n- a: 3\n- a:\n    z: 5\n  b: 6\n",
    ),
    "the first key of an item goes": ("l:\n- a: 1\n  b: 2\n  c: 3\n", {"l": [{"c": 3}]}, "l:\n- c: 3\n"),
    "an item becomes a mapping": ("l:\n- a # c\n", {"l": [{"x": 1}]}, "l:\n- {x: 1} # c\n"),
    "an item becomes a text": ("l:\n- a: 1\n  b: 2\n- c\n", {"l": ["x", "c"]}, "l:\n- x\n- c\n"),
    "an item becomes a long mapping": (
        "l:\n- a\n- b\n",
        {"l": [{"x": "y" * 70, "z": 1}, "b"]},
        f"l:\n- x: {'y' * 70}\n  z: 1\n- b\n",
    ),
    "carriage returns": ("a: 1\r\nb:\r\n  c: 2\r\n", {"a": 1, "b": {"c": 3, "d": 4}}, "a: 1\r\nb:\r\n  c: 3\r\n  d: 4\r\n"),
    "old line ends": ("a: 1\rb: 2\r", {"a": 1, "c": 3, "b": 4}, "a: 1\rc: 3\rb: 4\r"),
    "markers stay": ("--- # c\na: 1\n...\n# end\n", {"a": 2}, "--- # c\na: 2\n...\n# end\n"),
    "JSON": (
        '{\n  "a": "x",\n  "b": {"c": [1]}\n}\n',
        {"a": "y", "b": {"c": [1, 2]}, "d": {"e": "f"}},
        '{\n  "a": "y",\n  "b": {"c": [1, 2]},\n  "d": {\n    "e": "f"\n  }\n}\n',
    ),
    "JSON on one line": ('{"a": 1, "b": 2}', {"b": "ü", "c": "\u2028"}, '{"b": "ü", "c": "\\u2028"}'),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_only_what_differs_is_written(case: str) -> None:
    before, wanted, after = CASES[case]
    assert patched(before, wanted, ATOMIC) == after
    reading = read_text(after, "a.yaml")
    assert reading.problems == ()
    found = {name: value for name, value in reading.documents[0].data.items() if value is not None}
    assert found == wanted


def test_a_value_that_is_the_same_keeps_its_writing() -> None:
    durations = Structure(Shape.GRANULAR, values=Structure(Shape.DURATION))
    assert patched("a: 90s\nb: 1s\n", {"a": 90_000, "b": 2000}, durations) == "a: 90s\nb: 2000\n"


def test_a_text_without_a_document_stays() -> None:
    assert patched("# nothing\n", {"a": 1}, ATOMIC) == "# nothing\n"


def test_what_the_round_trip_loader_refuses_is_told_with_its_place() -> None:
    with pytest.raises(UnreadableError) as refused:
        patched("a: 1\nb: [\n", {"a": 2}, ATOMIC)
    assert refused.value.line == 3
    assert refused.value.hint
