import pytest

from reconciler.control.field_text import conflict_text, difference_text, drift_text, healing_message
from reconciler.control.ownership.apply import FieldConflict
from reconciler.control.plan.model import Drifted
from reconciler.json_types import JsonValue
from reconciler.resources.resource import ResourceKey


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


KEY = ResourceKey("Provider", "default", "p")


@pytest.mark.parametrize(
    ("drifted", "text"),
    [
        (Drifted(KEY), ""),
        (Drifted(KEY, manager="cli:ada", since="t1"), "deleted"),
        (Drifted(KEY, "spec.priority", 1, 2), "spec.priority: 1, declared 2"),
        (Drifted(KEY, "spec.priority", None, 2), "spec.priority: removed, declared 2"),
        (
            Drifted(KEY, "spec.config.apiKey", "(sealed)", "(sealed)", secret=True),
            "spec.config.apiKey: another value than declared",
        ),
    ],
)
def test_a_drift_says_what_is_there_and_what_is_declared(drifted: Drifted, text: str) -> None:
    assert drift_text(drifted) == text


def test_a_revision_that_heals_says_what_and_of_whom_and_is_short() -> None:
    assert healing_message("Two (Ada)", ()) == "Two (Ada)"
    deleted = Drifted(KEY, manager="cli:ada", since="t1")
    changed = Drifted(KEY, "spec.priority", 1, 2, manager="cli:bob", since="t2")
    assert healing_message("Two", [deleted, changed]) == (
        "Two; took back Provider/p deleted (by cli:ada at t1), Provider/p spec.priority (by cli:bob at t2)"
    )
    assert healing_message("Two", [changed] * 8).endswith(", and 3 more")
