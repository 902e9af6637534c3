import pytest

from reconciler.json_types import JsonObject
from reconciler.resources.specs import invalid_fields


@pytest.mark.parametrize(
    ("auth", "fields"),
    [
        ({}, ()),
        ({"dataPlane": "keys"}, ()),
        ({"dataPlane": "none"}, ()),
        ({"dataPlane": "maybe"}, ("auth.dataPlane",)),
        ({"keys": True}, ("auth.keys",)),
    ],
)
def test_whom_the_gateway_asks(auth: JsonObject, fields: tuple[str, ...]) -> None:
    assert invalid_fields("Settings", {"auth": auth}) == fields
