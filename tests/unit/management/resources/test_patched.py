from starlette.requests import Request

from reconciler.json_types import JsonObject
from reconciler.management.resources.patched import patch
from reconciler.management.rest.call import Call
from reconciler.management.rest.masks import MASK
from reconciler.resources.principal import Principal, Role
from reconciler.resources.resource import ResourceKey

KEY = ResourceKey("Secret", "team", "s")
STORED: JsonObject = {"metadata": {"name": "s"}, "spec": {"data": {"A": {"sealed": "v-1"}}}}


def call(body: bytes, media: str) -> Call:
    scope = {"type": "http", "method": "PATCH", "path": "/", "headers": []}
    return Call(Request(scope), Principal("x", Role.ADMIN), {}, body, media)


def test_masks_keep_what_is_stored() -> None:
    mask = f'{{"spec": {{"data": {{"A": "{MASK}"}}}}}}'.encode()
    assert patch(call(mask, "application/merge-patch+json"), KEY)(STORED) == STORED
    put = f'[{{"op": "replace", "path": "/spec/data/A", "value": "{MASK}"}}]'.encode()
    assert patch(call(put, "application/json-patch+json"), KEY)(STORED) == STORED


def test_what_is_no_resource_any_more_is_left_to_be_refused() -> None:
    put = b'[{"op": "replace", "path": "/spec", "value": 1}]'
    assert patch(call(put, "application/json-patch+json"), KEY)(STORED) == {**STORED, "spec": 1}
