import pytest
from fakes.states import stored

from reconciler.control.imperative.editing import ChangedInBetween, Edit, body_of, editable, page, parsed
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.manifest.emitter import to_yaml
from reconciler.control.patch.merge_patch import merge_patch
from reconciler.control.stored_object import stored_object
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.scheme import with_defaults

KEY = ResourceKey("Provider", "team", "p")
SPEC = with_defaults(
    "Provider",
    {"type": "lm-studio", "priority": 1, "config": {"baseURL": "http://a:1/v1", "apiKey": {"sealed": "v-1"}}},
)
STORED = stored(Resource(KEY, SPEC, {"a": "1"}))
SHOWN = editable(STORED)


def patched(value: JsonObject, patch: JsonObject) -> JsonObject:
    made = merge_patch(value, patch)
    assert isinstance(made, dict)
    return made


def edit(mine: JsonObject, theirs: JsonObject) -> JsonValue:
    """What an edit makes of the object that somebody else changed."""
    return Edit(KEY, SHOWN, patched(SHOWN, mine)).rewrite(patched(stored_object(STORED), theirs))


def test_what_is_shown_is_what_people_write_with_defaults() -> None:
    assert SHOWN["metadata"] == {"name": "p", "namespace": "team", "labels": {"a": "1"}}
    assert SHOWN["spec"] == SPEC
    assert list(SHOWN) == ["apiVersion", "kind", "metadata", "spec"]


def test_the_text_and_back() -> None:
    text = page(("Change it.", "", "And save."), to_yaml([SHOWN]))
    assert text.startswith("# Change it.\n#\n# And save.\napiVersion:")
    assert body_of(text) == to_yaml([SHOWN])
    assert parsed(body_of(text), "x.yaml") == SHOWN
    assert body_of("# a\n#b\nx: 1\n# c\n") == "x: 1\n# c\n"
    assert (body_of("# only\n"), body_of("")) == ("", "")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("a: 1\na: 2\n", "x.yaml:6:1"),
        ("a: [\n", "x.yaml:"),
        ("a: 1\n---\nb: 2\n", "x.yaml:7:1"),
        ("---\n", "x.yaml:5:1"),
    ],
)
def test_what_can_not_be_read_has_its_place_below_the_comments(body: str, place: str) -> None:
    with pytest.raises(InvalidManifests) as error:
        parsed(body, "x.yaml", above=4)
    assert str(error.value).startswith(place)


def test_where_nobody_else_changed_it_the_edit_is_what_counts() -> None:
    assert edit({"spec": {"priority": 2, "config": {"apiKey": "sk-new"}}}, {}) == patched(
        SHOWN, {"spec": {"priority": 2, "config": {"apiKey": "sk-new"}}}
    )


def test_changes_of_others_are_kept() -> None:
    mine: JsonObject = {
        "spec": {"priority": 2, "config": {"apiKey": None}},
        "metadata": {"labels": {"a": None, "b": "2"}},
    }
    theirs: JsonObject = {
        "spec": {"enabled": False, "config": {"timeout": "9s"}},
        "metadata": {"labels": {"c": "3"}},
    }
    assert edit(mine, theirs) == patched(patched(SHOWN, theirs), mine)


def test_the_same_change_by_both_is_none_of_a_clash() -> None:
    both: JsonObject = {"spec": {"priority": 2, "description": "x"}}
    assert edit(both, {**both, "metadata": {"labels": {"c": "3"}}}) == patched(
        SHOWN, {**both, "metadata": {"labels": {"c": "3"}}}
    )


def test_two_values_for_one_field_are_told_with_both() -> None:
    with pytest.raises(ChangedInBetween) as error:
        edit(
            {"spec": {"priority": 2, "description": "mine", "config": {"apiKey": "sk-mine"}}},
            {"spec": {"priority": None, "config": {"apiKey": {"sealed": "v-2"}}}},
        )
    assert error.value.lines == (
        "  spec.config.apiKey: it is (sealed) now, you wrote (sealed)",
        "  spec.priority: it is not there now, you wrote 2",
    )
    assert "sk-mine" not in str(error.value)
    spec = error.value.merged["spec"]
    assert isinstance(spec, dict)
    assert (spec["description"], spec.get("priority")) == ("mine", None)
    assert error.value.live == patched(
        SHOWN, {"spec": {"priority": None, "config": {"apiKey": {"sealed": "v-2"}}}}
    )


def test_a_value_in_the_place_of_a_map_that_somebody_else_writes_into() -> None:
    with pytest.raises(ChangedInBetween, match=r"spec\.config: it is "):
        edit({"spec": {"config": "none"}}, {"spec": {"config": {"headers": {"x": "1"}}}})
