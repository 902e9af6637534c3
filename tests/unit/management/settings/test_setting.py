from reconciler.control.imperative.creation import Creation
from reconciler.management.settings.setting import setting
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.resources.state import State

KEY = ResourceKey("Settings", "default", "default")
THERE = State([StoredResource(Resource(KEY, {}), "u", 1, 1, "t", 1)], revision=1)


def test_settings_are_made_where_something_is_set() -> None:
    made = setting(KEY, {("retention",): "1h", ("defaultModel",): None})(State())[KEY]
    assert isinstance(made, Creation)
    assert made.make()["spec"] == {"retention": "1h"}  # type: ignore[index, call-overload]  # an object
    assert setting(KEY, {("retention",): None})(State()) == {}
    assert setting(KEY, {})(THERE) == {}
    assert [*setting(KEY, {("retention",): None})(THERE)] == [KEY]
