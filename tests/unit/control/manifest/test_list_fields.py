import pytest
from fakes.linting import linted

from reconciler.control.manifest.list_fields import fields_of_items


@pytest.mark.parametrize(
    ("kind", "path", "fields"),
    [
        ("Route", ("targets", 0), ["model", "provider", "priority", "weight", "timeout"]),
        ("Route", ("match", "headers", 2), ["name", "value", "type"]),
        ("Route", ("match", "models", 0), []),
        ("Route", ("targets", "x"), []),
        ("Route", ("nothing", 0), []),
        ("Provider", ("health", "probe", "statuses", 0), []),
    ],
)
def test_what_is_known_of_the_items_of_a_list(
    kind: str, path: tuple[str | int, ...], fields: list[str]
) -> None:
    assert fields_of_items(kind, path) == fields


def test_alternatives_and_references_are_looked_through() -> None:
    assert "attempts" in fields_of_items("Route", ("retry",))
    assert {"attempts", "backoff"} <= set(fields_of_items("Provider", ("retry",)))


def test_a_slip_in_a_list_is_told_with_what_was_meant() -> None:
    text = "kind: Route\nmetadata: {name: r}\nspec: {targets: [{model: m, wieght: 3}]}\n"
    messages = [each.message for each in linted(text).findings if each.rule == "invalid"]
    assert 'unknown field "wieght"; did you mean "weight"?' in messages
    text = text.replace("wieght", "colour")
    (hint,) = [each.hint for each in linted(text).findings if "colour" in each.message]
    assert hint == "known here: model, provider, priority, weight, timeout"
