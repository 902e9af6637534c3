"""Who stands behind the ports takes what a machine says: the real ones, and those that tests put in their place."""

import inspect
import os

import pytest
from fakes.conversation import Stage
from fakes.reply import RecordingReply
from fakes.talks import Client as HallClient
from fakes.talks import Hall, HandAlarms
from fakes.transports import ScriptedTransports

from reconciler.gateway.dispatch import alarms, ports
from reconciler.gateway.dispatch.hedging import Hedged, Leg
from reconciler.gateway.dispatch.machine import Machine
from reconciler.gateway.dispatch.shadowing import ShadowBooks
from reconciler.gateway.dispatch.splitting import Shared
from reconciler.gateway.endpoints.request import Request
from reconciler.gateway.telemetry import Telemetry
from reconciler.gateway.transport.pool import TransportPool
from reconciler.listener.hot import Reply
from reconciler.listener.hot_turn import Turn

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("ROUTERCTL_TEST_COMPILED")), reason="what is compiled tells no signatures"
)


def parameters(kind: type, method: str) -> list[tuple[str, object]]:
    signature = inspect.signature(getattr(kind, method))
    return [(each.name, each.default) for each in signature.parameters.values()]


def methods(port: type) -> list[str]:
    return [name for name, value in vars(port).items() if inspect.isfunction(value) and name[0] != "_"]


@pytest.mark.parametrize(
    ("port", "behind"),
    [
        (ports.Transports, TransportPool),
        (ports.Transports, ScriptedTransports),
        (ports.Transports, Stage),
        (ports.Client, Reply),
        (ports.Client, Turn),
        (ports.Client, RecordingReply),
        (ports.Client, Stage),
        (ports.Books, Request),
        (ports.Books, Stage),
        (ports.Books, Leg),
        (ports.Client, Leg),
        (ports.Client, HallClient),
        (ports.Books, HallClient),
        (ports.Transports, Leg),
        (ports.Talk, Hedged),
        (ports.Talk, Shared),
        (ports.Waiting, Machine),
        (ports.Waiting, Hedged),
        (ports.Alarms, HandAlarms),
        (ShadowBooks, Telemetry),
        (ShadowBooks, Hall),
        (ports.Alarms, alarms.Alarms),
        (ports.Alarms, Stage),
    ],
)
def test_who_stands_behind_a_port_takes_what_it_is_told(port: type, behind: type) -> None:
    wanted = {name: parameters(port, name) for name in methods(port)}
    assert wanted
    assert {name: parameters(behind, name) for name in wanted} == wanted


def test_a_machine_tells_the_time_by_its_alarms() -> None:
    assert alarms.Alarms().now() <= alarms.Alarms().now()
