import pytest
from pydantic import ValidationError

from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.openai_compatible import OpenAICompatibleConfig
from reconciler.provider_types.simulator import Behaviour, SimulatorConfig, build


def test_an_empty_config_answers_at_once_and_without_fault() -> None:
    behaviour = build(SimulatorConfig(), {}).behaviour
    assert behaviour.text
    assert (behaviour.latency, behaviour.interval, behaviour.error_status, behaviour.cut_after) == (
        0,
        0,
        0,
        0,
    )


def test_durations_become_seconds() -> None:
    config = SimulatorConfig.model_validate(
        {
            "text": "a",
            "latency": "1s500ms",
            "interval": 20,
            "chunkSize": 3,
            "errorStatus": 503,
            "errorEvery": 4,
            "cutAfter": 5,
            "dimensions": 6,
        }
    )
    assert build(config, {}).behaviour == Behaviour("a", 1.5, 0.02, 3, 503, 4, 5, 6)


def test_the_body_goes_to_its_transport_unchanged() -> None:
    request = build(SimulatorConfig(), {}).encode(Endpoint.EMBEDDINGS, b"{}")
    assert (request.url, request.body) == ("simulator:///embeddings", b"{}")


@pytest.mark.parametrize(
    "fields",
    [
        {"text": 5},
        {"text": "x" * 65_537},
        {"latency": -1},
        {"interval": "soon"},
        {"chunkSize": 0},
        {"chunkSize": "3"},
        {"errorStatus": 200},
        {"errorStatus": 600},
        {"errorStatus": True},
        {"errorEvery": 0},
        {"cutAfter": -1},
        {"dimensions": 0},
        {"dimensions": 10_000},
        {"chunksize": 3},
    ],
)
def test_refuses_what_it_can_not_do(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SimulatorConfig.model_validate(fields)


def test_a_foreign_config_is_a_bug() -> None:
    with pytest.raises(TypeError):
        build(OpenAICompatibleConfig(baseURL="http://host"), {})
