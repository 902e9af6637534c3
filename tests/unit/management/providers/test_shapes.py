import pytest

from reconciler.management.providers import shapes
from reconciler.management.rest.shapes import InvalidField
from reconciler.resources.resource import Resource, ResourceKey, StoredResource

KEY = ResourceKey("Provider", "default", "p")


def test_the_default_model_is_no_key_of_the_config() -> None:
    assert shapes.default_model_of(None) == (None, None, False)
    assert shapes.default_model_of({"a": 1}) == ({"a": 1}, None, False)
    assert shapes.default_model_of({"a": 1, "defaultModel": "m"}) == ({"a": 1}, "m", True)
    assert shapes.default_model_of({"defaultModel": None}) == ({}, None, True)


def test_config_of_what_nobody_manages_is_shown_whole() -> None:
    stored = StoredResource(Resource(KEY, {"config": {"baseURL": "http://x.example"}}), "u", 1, 1, "t", 1)
    assert shapes.config_view(stored, []) == {"baseURL": "http://x.example"}


def test_what_may_be_sent() -> None:
    shapes.check({"id": "p", "name": None, "created_at": 1, "updated_at": 1, "models": [], "revision": 1})
    with pytest.raises(InvalidField, match="limits") as raised:
        shapes.check({"limits": {}})
    assert "/v1/resources/provider" in (raised.value.hint or "")
    assert "can't be changed" in str(shapes.another_name(KEY))
