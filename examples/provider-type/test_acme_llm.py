"""The tests of the type: it is pure, so they need neither a server nor routerctl running."""

from acme_llm import ACME_LLM, AcmeConfig, read_catalog

from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.catalog import OWN
from reconciler.provider_types.discovery import Offered
from reconciler.provider_types.fitting import check_fits

ADAPTER = ACME_LLM.build(AcmeConfig(apiKey="not-a-real-key", tenant="blue"), {"apiKey": "not-a-real-key"})


def test_it_fits_among_the_types_of_routerctl() -> None:
    assert check_fits(ACME_LLM, "acme-llm", OWN) is ACME_LLM


def test_a_request_bears_the_key_and_the_tenant() -> None:
    request = ADAPTER.encode(Endpoint.CHAT, b'{"model": "a"}')
    assert (request.url, request.body) == ("https://llm.acme.example/v1/chat/completions", b'{"model": "a"}')
    assert dict(request.headers)["x-acme-key"] == "not-a-real-key"
    assert "not-a-real-key" not in repr(ADAPTER)


def test_its_models_are_listed() -> None:
    assert ADAPTER.probe(None).url == "https://llm.acme.example/v1/catalog"
    assert ADAPTER.probe("/ready").url == "https://llm.acme.example/ready"
    assert read_catalog(b'{"entries": [{"model": "a", "window": 8}]}').models == (
        Offered("a", context_window=8),
    )
