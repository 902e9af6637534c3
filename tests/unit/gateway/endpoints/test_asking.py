import pytest
from fakes.serving import candidate, namespace, served, snapshot

from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.endpoints.asking import Asked, Incoming, Unserved, ask_for
from reconciler.protocol.errors import InvalidRequest
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.endpoints import ENDPOINTS

SNAPSHOT = snapshot(namespace(served("m", candidate("p")), served("lonely"), aliases={"alone": "lonely"}))


def asked(raw: bytes, endpoint: Endpoint = Endpoint.CHAT) -> Asked | Unserved:
    headers = [(b"content-type", b"application/json"), (b"anthropic-beta", b"x"), (b"cookie", b"y")]
    incoming = Incoming("req-1", headers, "application/json", raw)
    return ask_for(incoming, ENDPOINTS[endpoint], SNAPSHOT, Memory())


def test_what_can_be_served_is_asked() -> None:
    found = asked(b'{"model": "m"}', Endpoint.MESSAGES)
    assert isinstance(found, Asked)
    ask = found.ask
    assert found.model == "m"
    assert (ask.model, ask.request_id, ask.revision) == ("m", "req-1", 7)
    assert (ask.body.raw, ask.headers) == (b'{"model": "m"}', (("anthropic-beta", "x"),))
    assert [each.candidate.provider for each in ask.candidates] == ["p"]


@pytest.mark.parametrize(
    ("model", "meant", "status"), [("alone", "lonely", 503), ("nobody", None, 404), ("lonely", "lonely", 503)]
)
def test_what_nobody_serves_is_told_with_the_model_that_was_meant(
    model: str, meant: str | None, status: int
) -> None:
    unserved = asked(b'{"model": "%b"}' % model.encode())
    assert isinstance(unserved, Unserved)
    assert (unserved.error.status, unserved.model) == (status, meant)


def test_what_can_not_be_read_is_invalid() -> None:
    with pytest.raises(InvalidRequest):
        asked(b"[]")
