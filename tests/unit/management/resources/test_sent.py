from starlette.requests import Request

from reconciler.json_types import JsonObject
from reconciler.management.resources import sent
from reconciler.management.rest.call import Call
from reconciler.management.rest.masks import MASK
from reconciler.resources.principal import Principal, Role
from reconciler.resources.resource import ResourceKey

KEY = ResourceKey("Secret", "team", "s")
STORED: JsonObject = {"metadata": {"name": "s"}, "spec": {"data": {"A": {"sealed": "v-1"}}}}


def call(body: bytes) -> Call:
    scope = {"type": "http", "method": "PUT", "path": "/", "headers": []}
    return Call(Request(scope), Principal("x", Role.ADMIN), {}, body, "application/json")


def test_a_whole_resource_names_itself_or_not() -> None:
    made = sent.whole(call(b'{"spec": {"data": {"A": {"value": "x"}}}, "status": null}'), KEY)
    assert made.make() == {
        "spec": {"data": {"A": {"value": "x"}}},
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": "team"},
    }


def test_masks_keep_what_is_stored() -> None:
    mask = f'{{"spec": {{"data": {{"A": "{MASK}"}}}}}}'.encode()
    assert sent.whole(call(mask), KEY)(STORED) == {
        "spec": STORED["spec"],
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": "team"},
    }
