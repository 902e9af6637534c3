from reconciler.control.ownership.apply import Applied, FieldConflict, apply
from reconciler.json_types import JsonObject
from reconciler.resources.resource import FieldManager
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import structure_of_object

MODEL = structure_of_kind("Model")


def declare(manager: str, before: Applied | None = None, *, now: str = "t1", **spec: object) -> Applied:
    declared: JsonObject = {"spec": dict(spec)}  # type: ignore[arg-type]  # what a test gives is JSON
    live = before.content if before is not None else {}
    managers = before.managers if before is not None else ()
    return apply(live, managers, declared, MODEL, manager=manager, now=now)


def test_the_first_apply_owns_what_it_declares() -> None:
    made = declare("a", displayName="x")
    assert made == Applied(
        {"spec": {"displayName": "x"}},
        (FieldManager("a", "Apply", {"f:spec": {"f:displayName": {}}}, "t1"),),
    )


def test_a_conflict_names_field_manager_and_time() -> None:
    made = declare("b", declare("a", displayName="x"), now="t2", displayName="y")
    assert made.conflicts == (FieldConflict("spec.displayName", "a", "t1", "x", "y"),)
    assert made.content == {"spec": {"displayName": "y"}}


def test_what_a_forced_apply_takes_is_its_alone_and_an_empty_entry_goes() -> None:
    made = declare("b", declare("a", displayName="x"), displayName="y")
    assert [entry.manager for entry in made.managers] == ["b"]


def test_an_entry_that_does_not_change_keeps_its_time() -> None:
    both = declare("b", declare("a", displayName="x"), now="t2", displayName="x", description="d")
    again = declare("b", both, now="t3", displayName="x", description="other")
    assert [(entry.manager, entry.time) for entry in again.managers] == [("a", "t1"), ("b", "t2")]
    less = declare("b", again, now="t4", displayName="x")
    assert [(entry.manager, entry.time) for entry in less.managers] == [("a", "t1"), ("b", "t4")]
    assert less.content == {"spec": {"displayName": "x"}}


def test_entries_are_sorted_by_operation_time_and_manager() -> None:
    update = FieldManager("z", "Update", {"f:spec": {"f:description": {}}}, "t0")
    made = apply(
        {"spec": {"description": "d"}},
        [update],
        {"spec": {"displayName": "x"}},
        MODEL,
        manager="a",
        now="t1",
    )
    assert [entry.manager for entry in made.managers] == ["a", "z"]


def test_an_update_by_the_same_manager_is_another_owner() -> None:
    update = FieldManager("a", "Update", {"f:spec": {"f:description": {}}}, "t0")
    made = apply(
        {"spec": {"description": "d"}},
        [update],
        {"spec": {"description": "e"}},
        MODEL,
        manager="a",
        now="t1",
    )
    assert made.conflicts == (FieldConflict("spec.description", "a", "t0", "d", "e", operation="Update"),)


def test_declaring_nothing_lets_everything_go() -> None:
    made = apply(
        *_of(declare("a", displayName="x")),
        {},
        MODEL,
        manager="a",
        now="t2",
    )
    assert made == Applied({}, ())


def _of(made: Applied) -> tuple[JsonObject, tuple[FieldManager, ...]]:
    return made.content, made.managers


WITH_STATUS = structure_of_object(
    {
        "type": "object",
        "properties": {
            "spec": {"type": "object", "properties": {"a": {"type": "string"}}},
            "status": {"type": "object", "properties": {"seen": {"type": "integer"}}},
        },
    }
)


def test_an_apply_of_the_status_is_another_manager_and_changes_nothing_else() -> None:
    live: JsonObject = {"spec": {"a": "1"}}
    main = (FieldManager("m", "Apply", {"f:spec": {"f:a": {}}}, "t1"),)
    declared: JsonObject = {"spec": {"a": "2"}, "status": {"seen": 1}}
    made = apply(live, main, declared, WITH_STATUS, manager="m", now="t2", subresource="status")
    assert made == Applied(
        {"spec": {"a": "1"}, "status": {"seen": 1}},
        (*main, FieldManager("m", "Apply", {"f:status": {"f:seen": {}}}, "t2", "status")),
    )
    other = apply(
        made.content,
        made.managers,
        {"status": {"seen": 2}},
        WITH_STATUS,
        manager="n",
        now="t3",
        subresource="status",
    )
    assert other.conflicts == (FieldConflict("status.seen", "m", "t2", 1, 2, subresource="status"),)


def test_an_apply_of_the_main_resource_leaves_the_status_alone() -> None:
    made = apply({}, (), {"spec": {"a": "1"}, "status": {"seen": 1}}, WITH_STATUS, manager="m", now="t1")
    assert made.content == {"spec": {"a": "1"}}
    assert made.managers == (FieldManager("m", "Apply", {"f:spec": {"f:a": {}}}, "t1"),)


def test_who_loses_a_field_has_had_the_others_as_long_as_before() -> None:
    made = declare("b", declare("a", displayName="x", description="d"), now="t2", displayName="y")
    assert [(entry.manager, entry.time) for entry in made.managers] == [("a", "t1"), ("b", "t2")]
