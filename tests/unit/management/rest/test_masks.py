import pytest

from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue
from reconciler.management.rest.masks import MASK, masked, unmasked

STORED: JsonObject = {
    "type": "openai-compatible",
    "config": {"baseURL": "https://x.example", "apiKey": {"sealed": "v-1"}},
}


def config(**fields: JsonValue) -> JsonObject:
    return {"type": "openai-compatible", "config": fields}


def test_secrets_are_masked_and_references_are_not() -> None:
    shown = masked("Provider", STORED)["config"]
    assert shown == {"baseURL": "https://x.example", "apiKey": MASK}
    reference = config(apiKey={"valueFrom": {"env": "X_API_KEY"}})
    assert masked("Provider", reference) == reference
    assert masked("Provider", config(apiKey="sk-1"))["config"] == {"apiKey": MASK}
    secret: JsonObject = {"data": {"A": {"sealed": "v-2"}}}
    assert masked("Secret", secret) == {"data": {"A": MASK}}


def test_the_mask_keeps_what_is_stored() -> None:
    assert unmasked("Provider", config(apiKey=MASK), STORED) == config(apiKey={"sealed": "v-1"})
    assert unmasked("Provider", config(apiKey="sk-2"), STORED) == config(apiKey="sk-2")
    secret: JsonObject = {"data": {"A": {"sealed": "v-2"}}}
    assert unmasked("Secret", {"data": {"A": {"value": MASK}}}, secret) == secret


def test_the_mask_of_nothing_is_refused() -> None:
    for stored in (None, config()):
        with pytest.raises(InvalidInput, match=r"spec\.config\.apiKey"):
            unmasked("Provider", config(apiKey=MASK), stored)
