import pytest
from pydantic import ValidationError

from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.resources.provider import any_provider_spec

ADAPTER = any_provider_spec()
CONFIGS = {
    "openai-compatible": {"baseURL": "http://a/v1"},
    "lm-studio": {"baseURL": "http://a"},
    "ollama": {},
    "dashscope": {},
    "qwen-proxy": {"baseURL": "http://a"},
    "qwen-direct": {"unofficial": True, "token": "t", "cookies": "a=b"},
    "cli": {"executable": "tool"},
    "simulator": {},
}


@pytest.mark.parametrize("name", PROVIDER_TYPES)
def test_the_type_decides_which_config_is_taken(name: str) -> None:
    spec = ADAPTER.validate_python({"type": name, "config": CONFIGS[name]})
    assert type(spec.config) is PROVIDER_TYPES[name].config  # type: ignore[attr-defined]  # of each branch
    assert (spec.enabled, spec.priority) == (True, 0)


def test_a_config_that_needs_nothing_may_be_left_out() -> None:
    assert ADAPTER.validate_python({"type": "simulator"}) == ADAPTER.validate_python(
        {"type": "simulator", "config": {}}
    )


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        ({"config": {}}, "union_tag_not_found"),
        ({"type": "telepathy", "config": {}}, "union_tag_invalid"),
        ({"type": "cli", "config": {}}, "missing"),
        ({"type": "openai-compatible"}, "missing"),
        ({"type": "lm-studio"}, "missing"),
        ({"type": "simulator", "config": {"baseURL": "http://a"}}, "extra_forbidden"),
        ({"type": "lm-studio", "config": {"text": "hello", "baseURL": "http://a"}}, "extra_forbidden"),
        ({"type": "simulator", "config": {}, "retry": 3}, "model_type"),
        ({"type": "simulator", "config": {}, "enabled": 1}, "bool_type"),
        ({"type": "simulator", "config": {}, "priority": 2**53}, "less_than_equal"),
        ({"type": "simulator", "config": {}, "health": {"failureThreshold": -1}}, "greater_than_equal"),
        ({"type": "simulator", "config": {}, "health": {"failureThreshold": True}}, "int_type"),
        ({"type": "simulator", "config": {}, "health": {"window": 30}}, "timeout"),
        ({"type": "simulator", "config": {}, "health": {"openFor": "0s"}}, "timeout"),
        ({"type": "simulator", "config": {}, "health": {"unknown": True}}, "extra_forbidden"),
    ],
)
def test_what_is_no_provider(spec: dict[str, object], error: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ADAPTER.validate_python(spec)
    assert [item["type"] for item in caught.value.errors()] == [error]
