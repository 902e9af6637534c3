from reconciler.resources.resource import Resource, ResourceKey, StoredResource


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
