import pytest

from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.lm_studio import LMStudioConfig, build
from reconciler.provider_types.simulator import SimulatorConfig


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:1234",
        "http://localhost:1234/",
        "http://localhost:1234//",
        "http://localhost:1234/v1",
        "http://localhost:1234/v1/",
        "http://localhost:1234//v1//",
    ],
)
def test_with_or_without_v1_it_is_one_place(url: str) -> None:
    adapter = build(LMStudioConfig(baseURL=url), {})
    assert adapter.encode(Endpoint.CHAT, b"").url == "http://localhost:1234/v1/chat/completions"


def test_a_path_before_v1_stays() -> None:
    for url in ("http://host/lm", "http://host/lm/v1"):
        assert build(LMStudioConfig(baseURL=url), {}).probe(None).url == "http://host/lm/v1/models"
    assert (
        build(LMStudioConfig(baseURL="http://host/apiv1"), {}).probe(None).url
        == "http://host/apiv1/v1/models"
    )


def test_a_key_is_sent_where_one_is_set() -> None:
    adapter = build(LMStudioConfig(baseURL="http://host"), {"apiKey": "k"})
    assert ("authorization", "Bearer k") in adapter.encode(Endpoint.CHAT, b"").headers


def test_a_foreign_config_is_a_bug() -> None:
    with pytest.raises(TypeError):
        build(SimulatorConfig(), {})
