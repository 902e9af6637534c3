"""Conversations of clients with keys, from the wire to the records: told apart, and never shared."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from fakes.keys import client_key, clients_of
from fakes.loop import on_loop
from fakes.server import Gateway
from fakes.serving import candidate, namespace, served, simulator, snapshot

from reconciler.clock import SystemClock
from reconciler.gateway.counting import MemoryTally
from reconciler.gateway.courier import Courier
from reconciler.gateway.traffic import TrafficRecords
from reconciler.json_types import JsonObject
from reconciler.secrets.key_text import KeyText, mint
from reconciler.store.traffic import TrafficWriter
from reconciler.store.traffic_query import SoughtRequests, TrafficReader

ADA, BOB = mint("rk"), mint("rk")
HELLO: JsonObject = {"role": "user", "content": "hello"}
FURTHER: list[JsonObject] = [
    HELLO,
    {"role": "assistant", "content": "hi"},
    {"role": "user", "content": "and now?"},
]


def asked(*messages: JsonObject) -> JsonObject:
    return {"model": "m", "messages": [*messages]}


def bearing(key: KeyText | None, session: str | None = None) -> dict[str, str]:
    named = {} if session is None else {"x-session-id": session}
    return named if key is None else {"authorization": f"Bearer {key.text}", **named}


REQUESTS = (
    (ADA, None, asked(HELLO)),
    (ADA, None, asked(*FURTHER)),
    (BOB, None, asked(HELLO)),
    (ADA, None, asked({"role": "system", "content": "be brief"}, HELLO)),
    (ADA, "mine", asked(HELLO)),
    (BOB, "mine", asked(HELLO)),
)


async def recorded(path: Path, *, keys: bool) -> list[tuple[str | None, str, int]]:
    """(client, name, requests) of each session, after REQUESTS."""
    made = snapshot(namespace(served("m", candidate(simulator("p")))))
    clients = clients_of(client_key("ada", ADA), client_key("bob", BOB), required=keys)
    with closing(TrafficWriter(path)) as writer:
        tally = MemoryTally()
        records = TrafficRecords(writer, "w", SystemClock(), tally.cells(("a",), 1), tally.cells(("b",), 1))
        async with Gateway(replace(made, clients=clients)) as gateway, gateway.http() as client:
            gateway.telemetry.keeps_entries = True
            for key, session, body in REQUESTS:
                headers = bearing(key if keys else None, session)
                answer = await client.post("/v1/chat/completions", json=body, headers=headers)
                assert answer.status_code == 200
            await gateway.idle()
            Courier(gateway.telemetry.outbox, [records]).round()
    found = TrafficReader(path).sessions(SoughtRequests())
    return [(each.client, each.name, each.requests) for each in found]


@on_loop
async def test_clients_with_keys_have_their_own(tmp_path: Path) -> None:
    found = await recorded(tmp_path / "t.db", keys=True)
    named = {(client, name): count for client, name, count in found if not name.startswith("conv-")}
    assert named == {("ada", "mine"): 1, ("bob", "mine"): 1}
    told = [(client, count) for client, name, count in found if name.startswith("conv-")]
    assert sorted(told) == [("ada", 1), ("ada", 2), ("bob", 1)]
    assert len({name for _, name, _ in found}) == 4


@on_loop
async def test_where_nobody_knows_who_asks_nothing_is_told_by_content(tmp_path: Path) -> None:
    assert await recorded(tmp_path / "t.db", keys=False) == [(None, "mine", 2)]
