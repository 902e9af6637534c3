import pytest

from reconciler.control.field_text import conflict_text, difference_text
from reconciler.control.ownership.apply import FieldConflict
from reconciler.json_types import JsonValue


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        (None, "a", "a"),
        ("a", None, "a → (removed)"),
        ("a", 2, "a → 2"),
        ("", "a\nb", '"" → "a\\nb"'),
        (False, [1, {"a": None}], 'false → [1, {"a": null}]'),
        (None, "x" * 300, f"{'x' * 200}… (300 characters)"),
    ],
)
def test_two_values(old: JsonValue, new: JsonValue, text: str) -> None:
    assert difference_text(old, new) == text


def test_of_a_secret_that_changed_no_value_is_there_to_show() -> None:
    assert difference_text("(sealed)", "(sealed)", secret=True) == "(changed)"
    assert difference_text(None, "(sealed)", secret=True) == "(sealed)"


def test_nothing_acts_on_the_terminal() -> None:
    assert difference_text("\x1b[2J", "\u202e").isprintable()


def test_a_conflict_says_whose_the_field_is() -> None:
    conflict = FieldConflict("spec.priority", "git:other", "t1", 1, 2)
    assert conflict_text(conflict) == "spec.priority: 1 → 2, owned by git:other since t1"
