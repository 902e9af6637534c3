"""The data plane: the inference endpoints by callbacks, all other routes as an ASGI app, and one guard before both."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.types import ASGIApp

from reconciler.gateway.cold import cold_app, guard_refusal
from reconciler.gateway.dispatch.conversation import conversations
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.dispatch.ports import Transports
from reconciler.gateway.endpoints.http import MAX_BODY, Current
from reconciler.gateway.endpoints.inference import services
from reconciler.gateway.endpoints.under_way import UnderWay
from reconciler.gateway.gates import gate_of, turn
from reconciler.gateway.telemetry import Telemetry
from reconciler.listener.hot import HotPaths
from reconciler.snapshot.model import Snapshot


@dataclass(frozen=True, slots=True)
class DataPlane:
    """`hot` are the POSTs that never come to `app`. `close` ends what no client waits for, once the last has gone."""

    app: ASGIApp
    hot: HotPaths
    close: Callable[[], None] = lambda: None
    published: Callable[[Snapshot], None] = lambda _: None
    """For the registry: a snapshot came into force, and with it who may call."""


def data_plane(  # noqa: PLR0913  each is something that one listener answers to
    registry: Current,
    transports: Transports,
    telemetry: Telemetry,
    *,
    hosts: Iterable[str] = (),
    origins: Iterable[str] = (),
    max_body: int = MAX_BODY,
    memory: Memory | None = None,
    closed: bool = False,
) -> DataPlane:
    """`hosts` and `origins` are answered beside localhost, IP literals and the listener's own origin. `closed`: where no keys
    are asked for, nobody is answered.
    """
    memory = Memory() if memory is None else memory
    gate = gate_of(hosts, origins)
    talks = conversations(transports, memory, telemetry)
    under_way = UnderWay(talks.alarms)
    served = services(registry, telemetry, talks, under_way, closed=closed)
    hot = HotPaths(served, gate, guard_refusal, max_body)

    def published(snapshot: Snapshot) -> None:
        turn(gate, snapshot)
        under_way.published(snapshot)

    return DataPlane(cold_app(registry, gate, closed=closed), hot, talks.close, published)
