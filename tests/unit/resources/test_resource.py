from dataclasses import replace

from reconciler.resources.resource import (
    FieldManager,
    Resource,
    ResourceKey,
    StoredResource,
    finalizers_of,
    local_manager,
    source_manager,
)


def test_a_key_names_its_namespace_where_it_is_not_the_default() -> None:
    assert str(ResourceKey("Provider", "default", "openai")) == "Provider/openai"
    assert str(ResourceKey("Provider", "team-a", "openai")) == "Provider/team-a/openai"


def test_keys_sort_by_kind_then_namespace_then_name() -> None:
    keys = [ResourceKey("B", "a", "a"), ResourceKey("A", "b", "a"), ResourceKey("A", "a", "b")]
    assert sorted(keys) == keys[::-1]


def test_a_stored_resource_has_the_key_of_its_resource() -> None:
    key = ResourceKey("Model", "default", "m")
    stored = StoredResource(Resource(key, {}), "uid", 1, 1, "2026-01-01T00:00:00Z", 1)
    assert stored.key is key


def test_a_manager_is_a_source_somebody_here_or_neither() -> None:
    def told(manager: str) -> tuple[str | None, bool]:
        entry = FieldManager(manager, "Apply", {}, "2026-01-01T00:00:00Z")
        return entry.source, entry.local

    assert told(source_manager("github.com/acme/routing")) == ("github.com/acme/routing", False)
    assert told(source_manager("cli:ada")) == ("cli:ada", False)
    assert told(local_manager("git:acme")) == (None, True)
    assert told("api:git:acme") == (None, False)


def test_a_resource_ends_when_it_is_marked_and_nobody_waits() -> None:
    one = Resource(ResourceKey("Model", "default", "m"), {}, finalizers=("f",))
    marked = replace(one, deletion_timestamp="t")
    assert [each.terminating for each in (one, marked)] == [False, True]
    assert [each.ended for each in (one, marked, replace(marked, finalizers=()))] == [False, False, True]


def test_finalizers_are_a_set() -> None:
    assert finalizers_of({"finalizers": ["b", "a", "b"]}) == ("a", "b")
    assert finalizers_of({}) == finalizers_of({"finalizers": None}) == ()
