from reconciler.control.ownership.entries import (
    MAX_UPDATE_MANAGERS,
    FieldSets,
    Identity,
    capped,
    entries_after,
    field_sets,
    identity_of,
)
from reconciler.resources.resource import FieldManager

A = (("f", "a"),)
B = (("f", "b"),)


def update(manager: str, time: str, field: str = "a") -> FieldManager:
    return FieldManager(manager, "Update", {f"f:{field}": {}}, time)


def test_operation_and_subresource_tell_entries_of_one_manager_apart() -> None:
    entries = (
        FieldManager("m", "Apply", {"f:a": {}}, "t"),
        FieldManager("m", "Update", {"f:a": {}}, "t"),
        FieldManager("m", "Update", {"f:b": {}}, "t", "status"),
    )
    assert field_sets(entries) == {
        Identity("m", "Apply", ""): {A},
        Identity("m", "Update", ""): {A},
        Identity("m", "Update", "status"): {B},
    }
    assert identity_of(entries[2]) == ("m", "Update", "status")


def test_only_who_writes_has_a_new_time_and_what_is_empty_goes() -> None:
    me = Identity("me", "Update", "")
    entries = (update("kept", "t1"), update("loser", "t1"), update("gone", "t1"), update("me", "t1"))
    entries = (*entries[:1], FieldManager("loser", "Update", {"f:a": {}, "f:b": {}}, "t1"), *entries[2:])
    before = field_sets(entries)
    kept, loser, gone, _ = before
    after: FieldSets = {kept: frozenset({A}), loser: frozenset({A}), gone: frozenset(), me: frozenset({A, B})}
    assert entries_after(entries, before, after, me, "t2") == (
        update("kept", "t1"),
        update("loser", "t1"),
        FieldManager("me", "Update", {"f:a": {}, "f:b": {}}, "t2"),
    )


def test_who_writes_the_same_fields_again_keeps_the_time_and_who_is_new_has_one() -> None:
    entries = (update("me", "t1"),)
    before = field_sets(entries)
    me, new = Identity("me", "Update", ""), Identity("new", "Apply", "status")
    assert entries_after(entries, before, before, me, "t2") == entries
    assert entries_after((), {}, {new: frozenset({B})}, new, "t2") == (
        FieldManager("new", "Apply", {"f:b": {}}, "t2", "status"),
    )


def test_the_order_is_operation_time_manager_subresource() -> None:
    sets: FieldSets = {
        Identity("b", "Update", ""): frozenset({A}),
        Identity("a", "Update", "status"): frozenset({A}),
        Identity("a", "Update", ""): frozenset({A}),
        Identity("z", "Apply", ""): frozenset({A}),
    }
    entries = (update("b", "t0"),)
    made = entries_after(entries, field_sets(entries), sets, Identity("z", "Apply", ""), "t1")
    assert [(each.operation, each.time, each.manager, each.subresource) for each in made] == [
        ("Apply", "t1", "z", ""),
        ("Update", "t0", "b", ""),
        ("Update", "t1", "a", ""),
        ("Update", "t1", "a", "status"),
    ]


def test_ten_updates_stay_as_they_are_beside_any_number_of_applies() -> None:
    applies = tuple(FieldManager(f"a{n}", "Apply", {"f:a": {}}, "t") for n in range(20))
    updates = tuple(update(f"u{n}", f"t{n}") for n in range(MAX_UPDATE_MANAGERS))
    assert capped((*applies, *updates)) == (*applies, *updates)


def test_beyond_ten_the_oldest_become_one() -> None:
    updates = tuple(update(f"u{n:02}", f"t{n:02}", f"n{n}") for n in range(12))
    made = capped(updates)
    assert len(made) == MAX_UPDATE_MANAGERS
    assert made[0] == FieldManager("ancient-changes", "Update", {"f:n0": {}, "f:n1": {}, "f:n2": {}}, "t02")
    assert made[1:] == updates[3:]


def test_the_one_of_before_takes_what_is_oldest_now() -> None:
    ancient = FieldManager("ancient-changes", "Update", {"f:z": {}}, "t05")
    updates = tuple(update(f"u{n:02}", f"t{n:02}", f"n{n}") for n in range(10))
    made = capped((*updates[:5], ancient, *updates[5:]))
    ours = [each for each in made if each.manager == "ancient-changes"]
    assert ours == [FieldManager("ancient-changes", "Update", {"f:n0": {}, "f:n1": {}, "f:z": {}}, "t05")]
    assert len(made) <= MAX_UPDATE_MANAGERS
