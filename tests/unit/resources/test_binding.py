import pytest
from pydantic import ValidationError

from reconciler.resources.binding import BindingSpec


def test_the_least_that_a_binding_says() -> None:
    spec = BindingSpec.model_validate({"model": "m", "provider": "p"})
    assert (spec.enabled, spec.priority, spec.weight, spec.upstreamModel) == (True, None, 1, None)
    assert spec.default is False


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"model": "m"},
        {"model": "m", "provider": "p", "enabled": "yes"},
        {"model": "m", "provider": "p", "priority": "1"},
        {"model": "m", "provider": "p", "priority": 2**53},
        {"model": "m/n", "provider": "p"},
        {"model": "m", "provider": "p", "upstreamModel": ""},
        {"model": "m", "provider": "p", "upstreamModel": "x-*"},
        {"model": "m", "provider": "p", "upstreamModel": "**"},
        {"model": "m", "provider": "p", "weight": -1},
        {"model": "m", "provider": "p", "weight": 1_000_001},
        {"model": "m", "provider": "p", "weight": "1"},
        {"model": "m", "provider": "p", "weight": True},
        {"model": "m", "provider": "p", "quantity": 1},
        {"model": "m", "provider": "p", "default": "yes"},
        {"model": "m", "provider": "p", "default": 1},
        {"model": "m", "provider": "p", "config": {"default": {}}},
        {"model": "m", "provider": "p", "config": {"drop": {"n": 1}}},
        {"model": "m", "provider": "p", "config": {"drop": ["n", "n"]}},
        {"model": "m", "provider": "p", "config": {"defaults": {"": 1}}},
        {"model": "m", "provider": "p", "config": {"defaults": {"n": 1}, "overrides": {"n": 2}}},
        {"model": "m", "provider": "p", "config": {"defaults": {"n": 1}, "drop": ["n"]}},
        {"model": "m", "provider": "p", "config": {"defaults": {"temperature": 0.2}}},
        {"model": "m", "provider": "p", "config": {"overrides": {"a": [{"b": 0.5}]}}},
        {"model": "m", "provider": "p", "config": {"defaults": {f"p-{n}": n for n in range(65)}}},
        {"model": "m", "provider": "p", "config": {"headers": {f"x-{n}": "v" for n in range(33)}}},
        {"model": "m", "provider": "p", "config": {"headers": {"X-A": 1}}},
        {"model": "m", "provider": "p", "config": {"headers": {"X A": "v"}}},
    ],
)
def test_what_is_no_binding(spec: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BindingSpec.model_validate(spec)


def test_parameters_are_any_json_but_floats() -> None:
    config = {
        "defaults": {"temperature": "0.2", "stop": ["a"], "metadata": {"team": "a"}, "store": False},
        "overrides": {"max_tokens": 100},
        "drop": ["logit_bias"],
    }
    spec = BindingSpec.model_validate({"model": "m", "provider": "p", "config": config})
    assert spec.config is not None
    assert spec.config.model_dump() == {**config, "headers": {}}


@pytest.mark.parametrize("name", ["model", "messages", "input", "stream", "stream_options"])
@pytest.mark.parametrize("field", ["defaults", "overrides", "drop"])
def test_what_the_gateway_reads_or_sets_is_no_parameter(name: str, field: str) -> None:
    config: dict[str, object] = {field: [name] if field == "drop" else {name: "x"}}
    with pytest.raises(ValidationError, match="what the gateway reads and sets"):
        BindingSpec.model_validate({"model": "m", "provider": "p", "config": config})


def test_an_asterisk_for_the_name_stands_alone() -> None:
    assert (
        BindingSpec.model_validate({"model": "m", "provider": "p", "upstreamModel": "*"}).upstreamModel == "*"
    )
    with pytest.raises(ValidationError, match="stands alone"):
        BindingSpec.model_validate({"model": "m", "provider": "p", "upstreamModel": "x-*"})


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"X-Team": "a", "x-team": "b"}, "two headers differ only in case"),
        ({"Cookie": "a=b"}, "would hold a credential; use apiKey of the Provider"),
        ({"content-length": "1"}, "is set by the gateway itself"),
        ({"X-Forwarded-Host": "{model}"}, "which only the Provider's baseURL says"),
        ({"X:Y": "v"}, "not one that HTTP allows"),
        ({"X-A": "{nobody}"}, 'unknown placeholder "{nobody}"'),
    ],
)
def test_headers_that_no_binding_sets(headers: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        BindingSpec.model_validate({"model": "m", "provider": "p", "config": {"headers": headers}})


def test_headers_are_kept_as_they_are_written() -> None:
    headers = {"X-Team": "{header.X-Team}", "X-Model": "{model}"}
    spec = BindingSpec.model_validate({"model": "m", "provider": "p", "config": {"headers": headers}})
    assert spec.config is not None
    assert spec.config.headers == headers
