"""A change at one place changes no other; what still shares a value stays shared."""

import pytest

from reconciler.control.manifest.reader import read_text
from reconciler.control.manifest.round_trip.anchors import Anchors, Fate
from reconciler.control.manifest.round_trip.loader import load
from reconciler.control.manifest.round_trip.nodes import Alias, walk
from reconciler.control.manifest.round_trip.patch import patched
from reconciler.json_types import JsonObject
from reconciler.resources.structure import ATOMIC

CASES: dict[str, tuple[str, JsonObject, str]] = {
    "none changes": ("a: &x 1\nb: *x\n", {"a": 1, "b": 1}, "a: &x 1\nb: *x\n"),
    "all change alike": ("a: &x 1 # c\nb: *x\n", {"a": 2, "b": 2}, "a: &x 2 # c\nb: *x\n"),
    "an alias changes": ("a: &x 1\nb: *x # c\nc: *x\n", {"a": 1, "b": 2, "c": 1}, "a: &x 1\nb: 2 # c\nc: *x\n"),
    "the anchored value changes": (
        "a: &x 1 # c\nb: *x # d\nc: *x\n",
        {"a": 2, "b": 1, "c": 1},
        "a: 2 # c\nb: &x 1 # d\nc: *x\n",
    ),
    "most change": ("a: &x 1\nb: *x\nc: *x\nd: *x\n", {"a": 2, "b": 1, "c": 2, "d": 2}, "a: &x 2\nb: 1\nc: *x\nd: *x\n"),
    "each becomes another": ("a: &x 1\nb: *x\nc: *x\n", {"a": 2, "b": 3, "c": 1}, "a: 2\nb: 3\nc: &x 1\n"),
    "the anchored value goes": ("a: &x 1\nb: *x\nc: *x\n", {"b": 1, "c": 1}, "b: &x 1\nc: *x\n"),
    "all go but a changed one": ("a: &x 1\nb: *x\n", {"b": 2}, "b: 2\n"),
    "an alias goes": ("a: &x 1\nb: *x\n", {"a": 1}, "a: &x 1\n"),
    "a field of an anchored mapping": (
        "a: &x # c\n  k: 1 # d\n  l: 2\nb: *x # e\n",
        {"a": {"k": 3, "l": 2}, "b": {"k": 1, "l": 2}},
        "a: # c\n  k: 3 # d\n  l: 2\nb: &x {k: 1, l: 2} # e\n",
    ),
    "a field of both": (
        "a: &x\n  k: 1 # d\nb: *x\n",
        {"a": {"k": 3}, "b": {"k": 3}},
        "a: &x\n  k: 3 # d\nb: *x\n",
    ),
    "a long mapping is written out": (
        f"a: &x\n  k: {'v' * 60}\nb: *x # c\nc: 1\n",
        {"a": {"k": 1}, "b": {"k": "v" * 60}, "c": 1},
        f"a:\n  k: 1\nb: &x # c\n  k: {'v' * 60}\nc: 1\n",
    ),
    "in a list": (
        f"l:\n- &x\n  k: {'v' * 60}\n- *x\n",
        {"l": [{"k": 1}, {"k": "v" * 60}]},
        f"l:\n- k: 1\n- &x\n  k: {'v' * 60}\n",
    ),
    "a long mapping is written out in a list": (
        f"a: &x {{k: {'v' * 60}}}\nl:\n- *x # c\n",
        {"a": {"k": 1}, "l": [{"k": "v" * 60}]},
        f"a: {{k: 1}}\nl:\n- &x {{k: {'v' * 60}}} # c\n",
    ),
    "in brackets": ("l: [&x a, *x, *x]\n", {"l": ["b", "a", "a"]}, "l: [b, &x a, *x]\n"),
    "a list that two places share": ("a: &x [1]\nb: *x\n", {"a": [1, 2], "b": [1]}, "a: [1, 2]\nb: &x [1]\n"),
    "one inside the other": (
        "a: &x {k: &y 1}\nb: *y\nc: *x\n",
        {"a": {"k": 2}, "b": 1, "c": {"k": 2}},
        "a: &x {k: 2}\nb: &y 1\nc: *x\n",
    ),
    "a name that is given twice": ("a: &x 1\nb: *x\nc: &x 5\nd: *x\n", {"a": 2, "b": 1, "c": 5, "d": 5}, "a: &x 2\nb: 1\nc: &x 5\nd: *x\n"),
    "an empty value": ("a: &x\nb: *x\nc: 1\n", {"a": 1, "b": None, "c": 1}, "a: 1\nb: &x null\nc: 1\n"),
    "a mapping that becomes a text": ("a: &x\n  k: 1\nb: *x\n", {"a": "t", "b": "t"}, "a: &x t\nb: *x\n"),
    "an anchor alone": ("a: &x 1\n", {"a": 2}, "a: &x 2\n"),
    "an anchor inside what goes": ("a: {k: &x 1}\nb: *x\n", {"a": "t", "b": 1}, "a: t\nb: &x 1\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_place_says_what_it_should(case: str) -> None:
    before, wanted, after = CASES[case]
    assert patched(before, wanted, ATOMIC) == after
    reading = read_text(after, "a.yaml")
    assert reading.problems == ()
    assert reading.documents[0].data == wanted
    assert patched(after, wanted, ATOMIC) == after


def test_only_the_first_alias_takes_an_anchor_over() -> None:
    root = load("a: &x 1\nb: *x\nc: *x\nd: *x\n")
    assert root is not None
    wanted: JsonObject = {"a": 2, "b": 1, "c": 3, "d": 1}
    anchors = Anchors.of(root, wanted, ATOMIC)
    aliases = [node for node in walk(root) if isinstance(node, Alias)]
    assert anchors.lets_go(aliases[0].target)
    fates = [anchors.fate(alias, value, ATOMIC) for alias, value in zip(aliases, (1, 3, 1), strict=True)]
    assert fates == [Fate.TAKE_OVER, Fate.WRITE_OUT, Fate.KEEP]
