import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes.keys import client

from reconciler.gateway.dispatch.outcome import Attempt, Ending, Outcome, Reason, Skipped
from reconciler.gateway.telemetry import OPENINGS, Entry, own_seconds
from reconciler.gateway.traffic_columns import Columnist
from reconciler.gateway.traffic_costs import Costs
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.usage import Usage
from reconciler.store.traffic_batch import RequestRow, decoded, encoded

ANSWERED = Attempt("p", "b", status=200, seconds=0.0115)
OUTCOME = Outcome(200, Ending.COMPLETE, (ANSWERED,), "p", 7, 0.012, 0.011, Usage(3, 4, 7))
ENTRY = Entry(1_790_000_000.5, "req-1", "chat", "m", OUTCOME, "alias")
ASKED = json.dumps({"messages": [{"role": "user", "content": "hello"}]}).encode()

ODD = (
    OUTCOME,
    replace(OUTCOME, attempts=(replace(ANSWERED, seconds=1.0),)),
    replace(OUTCOME, attempts=(replace(ANSWERED, status=503),), status=503),
    replace(OUTCOME, attempts=(replace(ANSWERED, failure=Failure.TIMEOUT, reason="late"),)),
    replace(OUTCOME, attempts=(replace(ANSWERED, beside="hedge"),)),
    replace(OUTCOME, attempts=(ANSWERED, replace(ANSWERED, provider="q", binding="c"))),
    replace(OUTCOME, attempts=(ANSWERED, ANSWERED)),
    replace(OUTCOME, provider="q"),
    replace(OUTCOME, skipped=(Skipped("x", "bx", Reason.CIRCUIT_OPEN),)),
    replace(OUTCOME, attempts=(), provider=None, usage=None, first_byte=None),
)


@pytest.fixture
def columnist() -> Columnist:
    return Columnist("w-1", Costs(), lambda: bytes(32))


def rows(columnist: Columnist, entries: Sequence[Entry]) -> list[RequestRow]:
    told = decoded(encoded(columnist.columns([tuple(entry) for entry in entries])), len(entries))
    return [RequestRow(*each) for each in zip(*told.values(), strict=True)]


def test_what_is_out_of_the_ordinary_is_told_beside_the_rest(columnist: Columnist) -> None:
    together = rows(columnist, [ENTRY._replace(outcome=outcome) for outcome in ODD])
    alone = [rows(columnist, [ENTRY._replace(outcome=outcome)])[0] for outcome in ODD]
    assert together == alone
    assert [row.binding for row in alone] == ["b"] * 7 + [None, "b", None]
    assert [row.attempts for row in alone] == [1, 1, 1, 1, 1, 2, 2, 1, 1, 0]
    assert [row.own for row in alone] == [
        None if own is None else int(own * 1_000_000) for own in map(own_seconds, ODD)
    ]
    assert [row.trail is None for row in alone] == [True] * 2 + [False] * 2 + [True] + [False] * 2 + [
        True,
        False,
        True,
    ]


def test_so_many_openings_are_looked_at_at_a_time(columnist: Columnist) -> None:
    entries = [ENTRY._replace(caller=client(), opening=ASKED)] * (OPENINGS // 2 + 1)
    named = [row.session is not None for _ in range(2) for row in rows(columnist, entries)]
    assert named == [True] * OPENINGS + [False] * 2
    assert rows(columnist, entries)[0].session is None
    columnist.passed(2.5 / (4 * OPENINGS))
    assert [row.session is not None for row in rows(columnist, entries)[:3]] == [True, True, False]
    columnist.passed(100)
    assert [row.session is not None for _ in range(2) for row in rows(columnist, entries)] == named


def test_clients_are_told_apart(columnist: Columnist) -> None:
    callers = [client("ada"), None, client("bob", "team"), client("ada", "team", metadata={"cost": "1"})]
    told = rows(columnist, [ENTRY._replace(caller=caller) for caller in (*callers, *callers)])
    expected = [
        ("ada", "default", None),
        (None, "default", None),
        ("bob", "team", None),
        ("ada", "team", '{"cost":"1"}'),
    ]
    assert [(row.client, row.namespace, row.metadata) for row in told] == expected * 2
