import pytest

from reconciler.control.ownership.managed_fields import managed_fields_json, managers_of
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import FieldManager

ENTRY: JsonObject = {
    "manager": "m",
    "operation": "Apply",
    "apiVersion": "g/v1",
    "time": "t",
    "fieldsType": "FieldsV1",
    "fieldsV1": {"f:spec": {"f:a": {}}},
}


def test_managers_become_json_and_are_read_from_it() -> None:
    managers = (
        FieldManager("m", "Apply", {"f:spec": {"f:a": {}}}, "t"),
        FieldManager("u", "Update", {"f:status": {".": {}, "v:1": {}, 'k:{"a":"b"}': {}}}, "t", "status"),
    )
    written = managed_fields_json(managers, "g/v1")
    assert written[0] == ENTRY
    assert written[1] == {
        "manager": "u",
        "operation": "Update",
        "apiVersion": "g/v1",
        "time": "t",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:status": {".": {}, "v:1": {}, 'k:{"a":"b"}': {}}},
        "subresource": "status",
    }
    assert managers_of(written) == managers


@pytest.mark.parametrize("cleared", [[], [{}]], ids=str)
def test_both_ways_to_clear_them(cleared: JsonValue) -> None:
    assert managers_of(cleared) == ()


def test_what_names_an_item_is_read_however_it_is_spaced() -> None:
    read = managers_of([{**ENTRY, "fieldsV1": {'k:{"b": 2, "a": "x"}': {}, 'v: "ü"': {}}}])
    assert read is not None
    assert read[0].fields == {'k:{"a":"x","b":2}': {}, 'v:"ü"': {}}


def test_without_a_time_it_is_the_oldest() -> None:
    entry = {name: value for name, value in ENTRY.items() if name != "time"}
    assert managers_of([entry]) == (FieldManager("m", "Apply", {"f:spec": {"f:a": {}}}, ""),)


def deep(depth: int) -> JsonObject:
    fields: JsonObject = {}
    for _ in range(depth):
        fields = {"f:a": fields}
    return fields


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {},
        ["m"],
        [{}, {}],
        [ENTRY, {}],
        [{**ENTRY, "operation": "Delete"}],
        [{**ENTRY, "operation": ["Apply"]}],
        [{**ENTRY, "manager": 1}],
        [{**ENTRY, "manager": None}],
        [{**ENTRY, "time": 1}],
        [{**ENTRY, "subresource": 1}],
        [{**ENTRY, "apiVersion": ""}],
        [{**ENTRY, "fieldsType": "FieldsV2"}],
        [{**ENTRY, "fieldsV1": "f:spec"}],
        [{**ENTRY, "fieldsV1": {"f:spec": 1}}],
        [{**ENTRY, "fieldsV1": {"spec": {}}}],
        [{**ENTRY, "fieldsV1": {"i:1": {}}}],
        [{**ENTRY, "fieldsV1": {"k:1": {}}}],
        [{**ENTRY, "fieldsV1": {"v:x": {}}}],
        [{**ENTRY, "fieldsV1": deep(65)}],
    ],
)
def test_what_cannot_be_read_is_nothing(broken: JsonValue) -> None:
    assert managers_of(broken) is None
