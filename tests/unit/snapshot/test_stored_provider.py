import pytest
from fakes.states import stored
from fakes.workshop import remote

from reconciler.errors import InvalidInput
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.secrets.references import FromEnv, Literal
from reconciler.snapshot.stored_provider import config_of, host_of, place_of, secrets_of, type_of


def test_the_host_is_the_base_urls() -> None:
    assert host_of({"baseURL": "https://A.example:8443/v1"}) == "a.example"
    assert host_of({}) is None


def test_secrets_stand_at_any_depth() -> None:
    provider = stored(remote(apiKey="sk-canary", tls={"key": {"valueFrom": {"env": "TLS_TOKEN"}}}))
    found = dict(secrets_of(provider))
    assert isinstance(found["apiKey"], Literal)
    assert found["tls.key"] == FromEnv("TLS_TOKEN")
    assert place_of(provider, "tls.key").field == "spec.config.tls.key"
    assert dict(secrets_of(stored(remote()))) == {}


def test_a_type_of_another_release() -> None:
    provider = stored(Resource(ResourceKey("Provider", "default", "p"), {"type": "carrier-pigeon"}))
    assert config_of(provider) == {}
    with pytest.raises(InvalidInput, match='no provider type "carrier-pigeon"'):
        type_of(provider)
    assert type_of(stored(remote())).name == "openai-compatible"
