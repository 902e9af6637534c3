import pytest

from reconciler.cli.field_output import Line, default_note, field_json, field_lines, inner_lines, marked_lines
from reconciler.cli.output import Palette
from reconciler.control.plan.model import Action, FieldChange
from reconciler.json_types import JsonValue

PLAIN, COLOURED = Palette({}, "never"), Palette({}, "always")
SECRET = FieldChange("spec.config.apiKey", "(sealed)", "(sealed)", secret=True, fingerprint="1a2b3c4d")
ALIASES = FieldChange("spec.aliases", ["a", "b", "c"], ["a", "c", "d"])


def test_of_a_list_the_items_that_came_and_went_are_shown() -> None:
    assert inner_lines(["a", "b", "c"], ["a", "c", "d"]) == [
        Line(" ", "a"), Line("-", "b"), Line(" ", "c"), Line("+", "d")
    ]  # fmt: skip
    assert inner_lines(["a"], [{"x": 1}]) == [Line("-", "a"), Line("+", '{"x": 1}')]


def test_of_a_long_text_the_lines_that_changed_with_some_around_them() -> None:
    old = "\n".join(str(number) for number in range(20))
    assert inner_lines(old, old.replace("\n9\n", "\nnine\n")) == [
        Line(" ", "…"), Line(" ", "7"), Line(" ", "8"), Line("-", "9"), Line("+", "nine"), Line(" ", "10"),
        Line(" ", "11"), Line(" ", "…"),
    ]  # fmt: skip
    assert inner_lines("a\n", "a") == [Line(" ", "a"), Line("-", "")]


def test_very_much_is_cut_with_a_count() -> None:
    lines = inner_lines("\n".join("ab" * 50), "x")
    assert (len(lines), lines[-1]) == (61, Line(" ", "… 41 more lines"))


@pytest.mark.parametrize(("old", "new"), [("a", "b"), (None, ["a"]), (["a"], None), ("a\nb", None), ({}, [])])
def test_other_values_have_no_inside(old: JsonValue, new: JsonValue) -> None:
    assert inner_lines(old, new) == ()


def test_for_a_terminal() -> None:
    def lines(item: FieldChange, action: Action = Action.UPDATE) -> list[str]:
        return field_lines(action, item, PLAIN)

    assert lines(FieldChange("f", 1, 2)) == ["f: 1 → 2"]
    assert lines(FieldChange("f", None, 2), Action.CREATE) == ["f: 2"]
    assert lines(FieldChange("f", 1, None)) == ["f: 1 → (removed)"]
    assert lines(ALIASES) == ["spec.aliases:", "    a", "  - b", "    c", "  + d"]
    assert lines(SECRET) == ["spec.config.apiKey: (changed, fingerprint 1a2b3c4d)"]
    added = FieldChange("k", {"valueFrom": {"env": "A"}}, "(sealed)", secret=True, fingerprint="1a2b3c4d")
    assert lines(added) == ['k: {"valueFrom": {"env": "A"}} → (sealed, fingerprint 1a2b3c4d)']
    assert lines(FieldChange("a\x1b", "b\x1b", "\x1b\n")) == ["a\\x1b:", "  - b\\x1b", "  + \\x1b", "  +"]


def test_colours_tell_old_from_new() -> None:
    assert field_lines(Action.UPDATE, FieldChange("f", 1, 2), COLOURED) == [
        "f: \x1b[31m1\x1b[0m → \x1b[32m2\x1b[0m"
    ]
    assert field_lines(Action.UPDATE, ALIASES, COLOURED)[2] == "\x1b[31m  - b\x1b[0m"


def test_for_a_diff_every_line_has_its_mark() -> None:
    def lines(item: FieldChange) -> list[str]:
        return marked_lines(Action.UPDATE, item)

    assert lines(FieldChange("f", 1, 2)) == ["- f: 1", "+ f: 2"]
    assert lines(FieldChange("f", 1, None)) == ["- f: 1"]
    assert lines(FieldChange("f", None, 2, default=True)) == ["+ f: 2  (default changed)"]
    assert lines(ALIASES) == ["  spec.aliases:", "    a", "-   b", "    c", "+   d"]
    assert lines(SECRET) == ["! spec.config.apiKey: (changed, fingerprint 1a2b3c4d)"]


def test_a_default_is_said_to_be_one() -> None:
    item = FieldChange("f", 1, 2, default=True)
    assert default_note(Action.CREATE, item) == "  (default)"
    assert default_note(Action.UPDATE, item) == "  (default changed)"
    assert default_note(Action.CREATE, ALIASES) == ""


def test_for_programs() -> None:
    assert field_json(SECRET) == {
        "field": "spec.config.apiKey", "secret": "changed", "fingerprint": "1a2b3c4d"
    }  # fmt: skip
    assert field_json(FieldChange("f", None, 2, default=True)) == {
        "field": "f", "old": None, "new": 2, "default": True
    }  # fmt: skip
    assert field_json(FieldChange("f", None, "(sealed)", secret=True)) == {
        "field": "f", "old": None, "new": "(sealed)", "secret": "changed"
    }  # fmt: skip
