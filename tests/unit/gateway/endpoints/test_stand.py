import pytest
from fakes.keys import bearer, client_key, clients_of
from fakes.transports import ScriptedTransports

from reconciler.gateway.dispatch.conversation import conversations
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.endpoints.stand import Stand
from reconciler.gateway.endpoints.under_way import UnderWay
from reconciler.gateway.telemetry import Telemetry
from reconciler.protocol.errors import InvalidRequest
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.secrets.key_text import mint
from reconciler.snapshot.clients import NO_CLIENTS
from reconciler.snapshot.registry import Registry

KEY = mint("rk")
KEYS = clients_of(client_key("team", KEY))


def stand(*, closed: bool) -> Stand:
    telemetry = Telemetry()
    talks = conversations(ScriptedTransports(), Memory(), telemetry)
    return Stand(ENDPOINTS[Endpoint.CHAT], Registry(), telemetry, talks, UnderWay(talks.alarms), closed)


@pytest.mark.parametrize("closed", [False, True])
def test_who_is_let_in(closed: bool) -> None:
    found = stand(closed=closed).let_in(bearer(KEY), KEYS)
    assert found is KEYS.credentials[KEY.id.encode()]
    with pytest.raises(InvalidRequest) as refused:
        stand(closed=closed).let_in({}, KEYS)
    assert refused.value.error.status == 401


def test_where_no_keys_are_asked_for() -> None:
    assert stand(closed=False).let_in(bearer(KEY), NO_CLIENTS) is None
    with pytest.raises(InvalidRequest) as refused:
        stand(closed=True).let_in(bearer(KEY), NO_CLIENTS)
    assert (refused.value.error.status, refused.value.error.code) == (403, "keys_required")
