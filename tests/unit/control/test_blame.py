from collections.abc import Iterator
from dataclasses import replace

from fakes.states import TIME

from reconciler.control.blame import Blamed, blame
from reconciler.json_types import JsonObject
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.store.records import EMPTY_STORE, Revision

KEY = ResourceKey("Provider", "default", "p")


def revision(number: int) -> Revision:
    return replace(EMPTY_STORE, number=number, actor="ada", message=f"number {number}")


def version(number: int, spec: JsonObject, *managers: FieldManager, **labels: str) -> StoredResource:
    resource = Resource(KEY, {"type": "lm-studio", **spec}, labels)
    return StoredResource(resource, "uid", 1, number, TIME, number, managers)


def manager(name: str, *fields: str) -> FieldManager:
    return FieldManager(name, "Apply", {"f:spec": {f"f:{field}": {} for field in fields}}, TIME)


def told(found: tuple[Blamed, ...]) -> dict[str, tuple[object, tuple[str, ...], int]]:
    return {item.field: (item.value, item.managers, item.revision.number) for item in found}


def test_each_field_has_the_revision_that_gave_it_its_value() -> None:
    git, ada = manager("git:here", "type", "priority"), manager("cli:ada", "enabled")
    found = blame(
        [
            version(9, {"priority": 3, "enabled": False}, git, ada, team="x"),
            version(5, {"priority": 3, "enabled": True}, git, team="x"),
            version(2, {"priority": 2, "enabled": True}, git),
        ],
        revision,
    )
    assert told(found) == {
        "metadata.labels.team": ("x", (), 5),
        "spec.enabled": (False, ("cli:ada",), 9),
        "spec.priority": (3, ("git:here",), 5),
        "spec.type": ("lm-studio", ("git:here",), 2),
    }
    assert [item.default for item in found] == [True, False, False, False]
    assert found[1].revision.message == "number 9"


def test_a_value_that_came_back_is_as_young_as_its_return() -> None:
    found = blame(
        [version(3, {"priority": 1}), version(2, {"priority": 2}), version(1, {"priority": 1})], revision
    )
    assert told(found)["spec.priority"][2] == 3


def test_another_writing_of_a_value_is_no_change() -> None:
    new = version(2, {"config": {"timeout": "2m"}})
    old = version(1, {"config": {"timeout": 120_000}})
    assert told(blame([new, old], revision))["spec.config.timeout"] == ("2m", (), 1)


def test_true_is_not_1() -> None:
    found = blame([version(2, {"priority": 1}), version(1, {"priority": True})], revision)
    assert told(found)["spec.priority"][2] == 2


def test_a_field_may_have_several_managers_each_once() -> None:
    both = (manager("a", "type"), manager("b", "type"), replace(manager("a", "type"), operation="Update"))
    assert told(blame([version(1, {}, *both)], revision))["spec.type"] == ("lm-studio", ("a", "b"), 1)


def test_secrets_are_masked_by_their_type_and_references_are_not() -> None:
    literal = version(1, {"config": {"apiKey": "sk-very-secret"}})
    sealed = version(2, {"config": {"apiKey": {"sealed": "v-1"}}})
    pointed = version(3, {"config": {"apiKey": {"valueFrom": {"env": "KEY"}}}})
    values = [told(blame([each], revision))["spec.config.apiKey"][0] for each in (literal, sealed, pointed)]
    assert values == ["(sealed)", "(sealed)", {"valueFrom": {"env": "KEY"}}]


def test_what_may_be_older_than_the_record_is_marked() -> None:
    new, old = version(5, {"priority": 3}), version(4, {"priority": 2})
    assert [item.older for item in blame([new, old], revision, whole=False)] == [False, True]
    assert not any(item.older for item in blame([new, old], revision))


def test_no_more_versions_are_read_than_are_needed() -> None:
    read: list[int] = []

    def versions() -> Iterator[StoredResource]:
        for number in (3, 2, 1):
            read.append(number)
            yield StoredResource(
                Resource(ResourceKey("Model", "default", "m"), {"displayName": str(number)}),
                "u",
                1,
                1,
                TIME,
                number,
            )

    found = blame(versions(), revision, whole=False)
    assert told(found)["spec.displayName"][2] == 3
    assert read == [3, 2]
    assert not found[0].older


def test_a_list_of_many_owners_is_told_as_a_whole() -> None:
    def of(name: str, finalizer: str) -> FieldManager:
        return FieldManager(name, "Apply", {"f:metadata": {"f:finalizers": {f'v:"{finalizer}"': {}}}}, TIME)

    live = version(2, {}, of("git:here", "a"), of("cli:ada", "b"))
    live = replace(live, resource=replace(live.resource, finalizers=("a", "b")))
    found = told(blame([live, version(1, {})], revision))
    assert found["metadata.finalizers"] == (["a", "b"], ("git:here", "cli:ada"), 2)
