"""The laws of server-side apply, over the structure of a kind and over one with keyed lists and sets."""

from types import MappingProxyType

from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import field_sets, provider_specs, texts

from reconciler.control.ownership.apply import Applied, apply
from reconciler.control.ownership.field_set import (
    FieldSet,
    field_set,
    from_fields_v1,
    path_text,
    to_fields_v1,
)
from reconciler.control.ownership.update import Updated, update
from reconciler.control.ownership.value import Comparison, compare, extract
from reconciler.control.ownership.writable import ownable
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import FieldManager
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.structure import Shape, Structure

LAW = settings(max_examples=100, deadline=None)
PROVIDER = structure_of_kind("Provider")
ITEM = Structure(Shape.GRANULAR, MappingProxyType({"name": Structure(), "weight": Structure()}))
LISTS = Structure(
    Shape.GRANULAR,
    MappingProxyType(
        {
            "spec": Structure(
                Shape.GRANULAR,
                MappingProxyType(
                    {
                        "items": Structure(Shape.KEYED_LIST, values=ITEM, keys=("name",)),
                        "tags": Structure(Shape.SET),
                        "order": Structure(),
                        "map": Structure(Shape.GRANULAR, values=Structure()),
                    }
                ),
            )
        }
    ),
)


@st.composite
def providers(draw: st.DrawFn) -> JsonObject:
    content: JsonObject = {"spec": draw(provider_specs())}
    labels = draw(texts())
    if labels:
        content["metadata"] = {"labels": dict(labels)}
    return content


_NAMES = st.lists(st.sampled_from("abcd"), unique=True, min_size=1)
"""An empty keyed list or set declares nothing, by the rule of Kubernetes, and may vanish with its parent."""


@st.composite
def listed(draw: st.DrawFn) -> JsonObject:
    spec: JsonObject = {}
    chosen = draw(st.integers(0, 15))
    weight = draw(st.integers(1, 3))
    if chosen & 1:
        items: list[JsonValue] = [
            {"name": name, "weight": weight} if place % 2 else {"name": name}
            for place, name in enumerate(draw(_NAMES))
        ]
        spec["items"] = items
    if chosen & 2:
        spec["tags"] = [*draw(_NAMES)]
    if chosen & 4:
        spec["order"] = [*draw(_NAMES)]
    if chosen & 8:
        spec["map"] = dict.fromkeys(draw(_NAMES), weight)
    return {"spec": spec}


CASES = st.sampled_from([(PROVIDER, providers()), (LISTS, listed())])


def applied(
    declared: JsonObject, structure: Structure, manager: str, before: Applied | None = None
) -> Applied:
    live: JsonObject = before.content if before is not None else {}
    managers: tuple[FieldManager, ...] = before.managers if before is not None else ()
    return apply(live, managers, declared, structure, manager=manager, now="2026-01-01T00:00:00Z")


def owned(made: Applied | Updated, manager: str) -> FieldSet:
    return next(
        (from_fields_v1(entry.fields) for entry in made.managers if entry.manager == manager), frozenset()
    )


@LAW
@given(st.data())
def test_applying_twice_is_applying_once(data: st.DataObject) -> None:
    structure, values = data.draw(CASES)
    first = applied(data.draw(values), structure, "a")
    declared = data.draw(values)
    once = applied(declared, structure, "b", first)
    assert applied(declared, structure, "b", once) == Applied(once.content, once.managers)


@LAW
@given(st.data())
def test_a_manager_owns_exactly_what_it_declares(data: st.DataObject) -> None:
    structure, values = data.draw(CASES)
    made = applied(data.draw(values), structure, "a")
    declared = data.draw(values)
    again = applied(declared, structure, "a", made)
    assert owned(again, "a") == field_set(declared, structure)
    mine = extract(again.content, owned(again, "a"), structure)
    assert compare(mine, declared, structure) == Comparison()


@LAW
@given(st.data())
def test_what_its_only_manager_stops_declaring_is_removed(data: st.DataObject) -> None:
    structure, values = data.draw(CASES)
    first = data.draw(values)
    made = applied(first, structure, "a")
    declared = data.draw(values)
    again = applied(declared, structure, "a", made)
    assert not again.conflicts
    present = field_set(again.content, structure)
    assert field_set(first, structure) & present <= field_set(declared, structure) | _emptied(again.content)


def _emptied(value: JsonValue, path: tuple[tuple[str, str], ...] = ()) -> FieldSet:
    """The paths of maps that are left empty, as the rule leaves them."""
    if value == {}:
        return frozenset({path})
    if not isinstance(value, dict):
        return frozenset()
    return frozenset().union(*(_emptied(child, (*path, ("f", name))) for name, child in value.items()))


@LAW
@given(st.data())
def test_what_somebody_else_owns_stays(data: st.DataObject) -> None:
    structure, values = data.draw(CASES)
    shared = data.draw(values)
    both = applied(shared, structure, "b", applied(shared, structure, "a"))
    left = applied({}, structure, "a", both)
    assert compare(left.content, shared, structure) == Comparison()
    assert owned(left, "b") == field_set(shared, structure)
    assert owned(left, "a") == frozenset()


@LAW
@given(st.data())
def test_the_same_value_from_two_managers_is_no_conflict(data: st.DataObject) -> None:
    structure, values = data.draw(CASES)
    shared = data.draw(values)
    both = applied(shared, structure, "b", applied(shared, structure, "a"))
    assert both.conflicts == ()
    assert owned(both, "a") == owned(both, "b") == field_set(shared, structure)


@LAW
@given(listed(), st.data())
def test_managers_of_disjoint_lists_and_maps_commute(whole: JsonObject, data: st.DataObject) -> None:
    spec = whole["spec"]
    assert isinstance(spec, dict)
    chosen = data.draw(st.sets(st.sampled_from(["items", "tags", "order", "map"])))
    left: JsonObject = {"spec": {name: value for name, value in spec.items() if name in chosen}}
    right: JsonObject = {"spec": {name: value for name, value in spec.items() if name not in chosen}}
    ab = applied(right, LISTS, "b", applied(left, LISTS, "a"))
    ba = applied(left, LISTS, "a", applied(right, LISTS, "b"))
    assert ab.conflicts == ba.conflicts == ()
    assert compare(ab.content, ba.content, LISTS) == Comparison()
    assert sorted(ab.managers, key=str) == sorted(ba.managers, key=str)


@LAW
@given(providers(), providers())
def test_managers_of_disjoint_fields_commute(one: JsonObject, other: JsonObject) -> None:
    """One declares the spec, the other labels alone."""
    left: JsonObject = {"spec": one["spec"]}
    right: JsonObject = {"metadata": other.get("metadata", {"labels": {"team": "z"}})}
    ab = applied(right, PROVIDER, "b", applied(left, PROVIDER, "a"))
    ba = applied(left, PROVIDER, "a", applied(right, PROVIDER, "b"))
    assert ab.conflicts == ba.conflicts == ()
    assert ab.content == ba.content
    assert sorted(ab.managers, key=str) == sorted(ba.managers, key=str)


@LAW
@given(st.data())
def test_a_forced_apply_gives_what_was_declared_and_takes_what_differed(data: st.DataObject) -> None:
    structure, values = data.draw(CASES)
    first, second = data.draw(values), data.draw(values)
    made = applied(second, structure, "b", applied(first, structure, "a"))
    taken = field_set(first, structure) & field_set(second, structure) - owned(made, "a")
    assert bool(made.conflicts) >= bool(taken)
    assert owned(made, "b") == field_set(second, structure)


@LAW
@given(st.data())
def test_force_takes_the_conflicts_from_the_loser_and_nothing_else_that_stays(data: st.DataObject) -> None:
    structure, values = data.draw(CASES)
    first = applied(data.draw(values), structure, "a")
    made = applied(data.draw(values), structure, "b", first)
    lost = owned(first, "a") - owned(made, "a")
    assert owned(made, "a") <= owned(first, "a")
    assert {path_text(path).removeprefix(".") for path in lost} == {each.field for each in made.conflicts}


@LAW
@given(st.data())
def test_what_one_lets_go_is_removed_iff_nobody_else_owns_it(data: st.DataObject) -> None:
    structure, values = data.draw(CASES)
    first = applied(data.draw(values), structure, "a")
    both = applied(data.draw(values), structure, "b", first)
    left = applied({}, structure, "a", both)
    others = owned(both, "b")
    assert owned(left, "a") == frozenset()
    assert owned(left, "b") == others
    assert field_set(left.content, structure) - _emptied(left.content) <= others
    kept = extract(both.content, others, structure)
    assert compare(extract(left.content, others, structure), kept, structure) == Comparison()


def updated(new: JsonObject, structure: Structure, manager: str, before: Applied) -> Updated:
    return update(
        before.content, before.managers, new, structure, manager=manager, now="2026-01-02T00:00:00Z"
    )


@LAW
@given(st.data())
def test_an_update_owns_just_what_it_changes(data: st.DataObject) -> None:
    structure, values = data.draw(CASES)
    first = applied(data.draw(values), structure, "a")
    new = data.draw(values)
    made = updated(new, structure, "u", first)
    difference = compare(first.content, new, structure)
    changed = difference.added | difference.modified
    assert made.content == new
    assert owned(made, "u") == ownable(frozenset(changed))
    assert owned(made, "a") == owned(first, "a") - changed - difference.removed


@LAW
@given(st.data())
def test_an_update_to_what_is_there_moves_nothing(data: st.DataObject) -> None:
    structure, values = data.draw(CASES)
    first = applied(data.draw(values), structure, "a")
    assert updated(first.content, structure, "u", first) == Updated(first.content, first.managers)


@LAW
@given(st.data())
def test_what_an_update_took_an_apply_of_the_old_value_must_ask_for(data: st.DataObject) -> None:
    structure, values = data.draw(CASES)
    declared = data.draw(values)
    first = applied(declared, structure, "a")
    new = data.draw(values)
    made = updated(new, structure, "u", first)
    taken = compare(declared, new, structure).modified
    again = applied(declared, structure, "a", Applied(made.content, made.managers))
    assert {path_text(path).removeprefix(".") for path in taken} <= {each.field for each in again.conflicts}
    assert {each.manager for each in again.conflicts} <= {"u"}
    assert owned(again, "a") == field_set(declared, structure)


@LAW
@given(field_sets())
def test_a_field_set_survives_its_text(paths: FieldSet) -> None:
    assert from_fields_v1(to_fields_v1(paths)) == paths
