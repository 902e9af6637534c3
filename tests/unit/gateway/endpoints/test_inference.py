from fakes.transports import ScriptedTransports

from reconciler.gateway.dispatch.conversation import conversations
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.endpoints.inference import services
from reconciler.gateway.endpoints.under_way import UnderWay
from reconciler.gateway.telemetry import Telemetry
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.snapshot.registry import Registry


def test_every_row_of_the_table_is_served_at_its_path() -> None:
    telemetry = Telemetry()
    talks = conversations(ScriptedTransports(), Memory(), telemetry)
    found = services(Registry(), telemetry, talks, UnderWay(talks.alarms))
    assert set(found) == {row.path for row in ENDPOINTS.values()}
