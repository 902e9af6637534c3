import pytest

from reconciler.control.manifest.incomplete import follows_from_a_fault, reached, sound
from reconciler.control.manifest.locator import Path
from reconciler.control.manifest.scalars import UNREAD
from reconciler.json_types import JsonObject

DATA: JsonObject = {
    "a": {"b": [1, UNREAD, {"c": 3}], "d": UNREAD},
    "merged": {"<<": UNREAD, "here": {"x": 1}},
    "quoted": {"<<": "text"},
}


@pytest.mark.parametrize(
    ("path", "depth"),
    [((), 0), (("a",), 1), (("a", "b", 2, "c"), 4), (("a", "b", 3), 2), (("a", "zzz"), 1), (("a", 0), 1)],
)
def test_how_far_a_path_leads(path: Path, depth: int) -> None:
    assert reached(DATA, path)[1] == depth


@pytest.mark.parametrize(
    ("path", "follows"),
    [
        (("a",), False),
        (("a", "b", 0), False),
        (("a", "b", 1), True),
        (("a", "d"), True),
        (("a", "d", "below"), True),
        (("a", "missing"), False),
        (("merged", "<<"), True),
        (("merged", "missing"), True),
        (("merged", "here", "missing"), False),
        (("merged", "missing", "below"), False),
        (("quoted", "<<"), False),
        (("quoted", "missing"), False),
    ],
)
def test_what_follows_from_a_fault(path: Path, follows: bool) -> None:
    assert follows_from_a_fault(DATA, path) is follows


def test_what_is_left_is_sound() -> None:
    assert sound(DATA, [("a", "b", 0), ("quoted",), ("nowhere",)]) == {
        "a": {"b": [None, None, {"c": 3}]},
        "merged": {"here": {"x": 1}},
    }
    assert DATA["quoted"] == {"<<": "text"}
