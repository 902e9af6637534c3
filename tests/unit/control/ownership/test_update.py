from reconciler.control.ownership.apply import apply
from reconciler.control.ownership.managed_fields import managed_fields_json
from reconciler.control.ownership.update import Updated, update
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import FieldManager
from reconciler.resources.structure import structure_of_object

STRUCTURE = structure_of_object(
    {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "properties": {
                    "a": {"type": "string"},
                    "b": {"type": "string"},
                    "map": {"type": "object", "additionalProperties": {"type": "string"}},
                },
            },
            "status": {"type": "object", "properties": {"seen": {"type": "integer"}}},
        },
    }
)
APPLIED = (FieldManager("m", "Apply", {"f:spec": {"f:a": {}, "f:b": {}}}, "t1"),)
LIVE: JsonObject = {"spec": {"a": "1", "b": "1"}}


def put(
    new: JsonObject,
    live: JsonObject = LIVE,
    managers: tuple[FieldManager, ...] = APPLIED,
    *,
    manager: str = "u",
    subresource: str = "",
) -> Updated:
    return update(live, managers, new, STRUCTURE, manager=manager, now="t2", subresource=subresource)


def test_who_creates_owns_all_but_what_the_server_writes() -> None:
    new: JsonObject = {"kind": "K", "metadata": {"name": "n", "labels": {"l": "1"}}, "spec": {"a": "1"}}
    assert put(new, {}, ()) == Updated(
        new,
        (
            FieldManager(
                "u",
                "Update",
                {"f:metadata": {"f:labels": {".": {}, "f:l": {}}}, "f:spec": {".": {}, "f:a": {}}},
                "t2",
            ),
        ),
    )


def test_what_is_changed_is_taken_and_nobody_can_object() -> None:
    made = put({"spec": {"a": "2", "b": "1"}})
    assert made == Updated(
        {"spec": {"a": "2", "b": "1"}},
        (
            FieldManager("m", "Apply", {"f:spec": {"f:b": {}}}, "t1"),
            FieldManager("u", "Update", {"f:spec": {"f:a": {}}}, "t2"),
        ),
    )


def test_what_is_removed_has_no_owner() -> None:
    made = put({"spec": {"b": "1"}})
    assert made.managers == (FieldManager("m", "Apply", {"f:spec": {"f:b": {}}}, "t1"),)


def test_a_write_that_changes_nothing_leaves_everything() -> None:
    assert put(LIVE) == Updated(LIVE, APPLIED)


def test_a_manager_keeps_what_it_wrote_before() -> None:
    first = put({"spec": {"a": "2", "b": "1"}})
    second = put({"spec": {"a": "3", "b": "2"}}, first.content, first.managers)
    assert second.managers == (FieldManager("u", "Update", {"f:spec": {"f:a": {}, "f:b": {}}}, "t2"),)


def test_the_manager_of_an_apply_is_another_than_that_of_an_update() -> None:
    made = put({"spec": {"a": "2", "b": "1"}}, manager="m")
    assert [(each.manager, each.operation) for each in made.managers] == [("m", "Apply"), ("m", "Update")]


def test_the_main_resource_does_not_touch_the_status_nor_the_status_the_rest() -> None:
    live: JsonObject = {**LIVE, "status": {"seen": 1}}
    seen = FieldManager("c", "Update", {"f:status": {"f:seen": {}}}, "t1", "status")
    main = put({"spec": {"a": "1", "b": "1"}}, live, (*APPLIED, seen))
    assert main == Updated(live, (*APPLIED, seen))
    status = put({"spec": {}, "status": {"seen": 2}}, live, (*APPLIED, seen), subresource="status")
    assert status == Updated(
        {**LIVE, "status": {"seen": 2}},
        (*APPLIED, FieldManager("u", "Update", {"f:status": {"f:seen": {}}}, "t2", "status")),
    )


def test_an_object_that_nobody_manages_stays_untracked_until_the_first_apply() -> None:
    untracked = put({"spec": {"a": "2", "b": "1"}}, LIVE, ())
    assert untracked == Updated({"spec": {"a": "2", "b": "1"}}, ())
    made = apply(
        untracked.content, (), {"spec": {"a": "3"}}, STRUCTURE, manager="m", now="t3", subresource=""
    )
    assert [(each.field, each.manager, each.operation) for each in made.conflicts] == [
        ("spec.a", "before-first-apply", "Update")
    ]
    assert made.managers == (
        FieldManager("m", "Apply", {"f:spec": {"f:a": {}}}, "t3"),
        FieldManager("before-first-apply", "Update", {"f:spec": {".": {}, "f:b": {}}}, "t3"),
    )


def with_managers(managed: JsonValue, spec: JsonObject) -> JsonObject:
    return {"metadata": {"name": "n", "managedFields": managed}, "spec": spec}


def test_a_client_may_replace_the_managers() -> None:
    """That is how kubectl makes an apply of its client-side apply."""
    live: JsonObject = {"metadata": {"name": "n"}, **LIVE}
    moved = (FieldManager("kubectl", "Apply", {"f:spec": {"f:a": {}}}, "t0"),)
    new = with_managers(managed_fields_json(moved, "g/v1"), {"a": "1", "b": "2"})
    assert put(new, live) == Updated(
        {"metadata": {"name": "n"}, "spec": {"a": "1", "b": "2"}},
        (*moved, FieldManager("u", "Update", {"f:spec": {"f:b": {}}}, "t2")),
    )


def test_a_client_may_clear_the_managers() -> None:
    live: JsonObject = {"metadata": {"name": "n"}, **LIVE}
    ways: list[JsonValue] = [[], [{}]]
    for cleared in ways:
        made = put(with_managers(cleared, {"a": "2", "b": "1"}), live)
        assert made == Updated({"metadata": {"name": "n"}, "spec": {"a": "2", "b": "1"}}, ())


def test_managers_that_cannot_be_read_or_come_with_a_status_change_nothing() -> None:
    live: JsonObject = {"metadata": {"name": "n"}, **LIVE}
    assert put(with_managers([{"manager": 1}], {"a": "1", "b": "1"}), live) == Updated(live, APPLIED)
    cleared = with_managers([{}], {"a": "1", "b": "1"})
    assert put(cleared, live, subresource="status") == Updated(live, APPLIED)


def test_after_ten_managers_the_oldest_become_one() -> None:
    made = Updated({"spec": {"map": {"x": "0"}}}, ())
    made = put(made.content, {}, ())
    for number in range(12):
        new: JsonObject = {"spec": {"map": {**{f"k{n}": "1" for n in range(number + 1)}, "x": "0"}}}
        made = update(
            made.content, made.managers, new, STRUCTURE, manager=f"u{number:02}", now=f"t{number + 3:02}"
        )
    assert len(made.managers) == 10
    assert sum(each.manager == "ancient-changes" for each in made.managers) == 1
