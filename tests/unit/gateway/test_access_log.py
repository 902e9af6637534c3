import logging
from dataclasses import replace

import pytest
from fakes.keys import client
from fakes.taped import traced

from reconciler.gateway.access_log import AccessLog, fields_of
from reconciler.gateway.dispatch.outcome import Attempt, Ending, Outcome, Reason, Skipped
from reconciler.gateway.telemetry import Entry
from reconciler.gateway.trace_context import TraceContext
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.usage import Usage

ENDED = 1_790_000_000.125
ATTEMPTS = (
    Attempt("a", "ba", Failure.CONNECT, "refused"),
    Attempt("b", "bb", status=503),
    Attempt("c", "bc", status=200, seconds=0.0195),
)
OUTCOME = Outcome(200, Ending.COMPLETE, ATTEMPTS, "c", 7, 0.02, 0.003, Usage(3, 4, 7))
ENTRY = Entry(ENDED, "req-1", "chat", "m", OUTCOME, "m")
REFUSED = Entry(ENDED, "req-2", "chat", None, Outcome(404, Ending.REFUSED, (), None, 0, 0.001))


@pytest.fixture(autouse=True)
def listening(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "reconciler.gateway.access")


def test_one_line_a_request(caplog: pytest.LogCaptureFixture) -> None:
    AccessLog().take([ENTRY, REFUSED])
    assert caplog.messages == [
        (
            'request=req-1 endpoint=chat model="m" provider=c status=200 ending=complete attempts=3 ms=20'
            " first_byte_ms=3 own_us=500 revision=7 tokens_in=3 tokens_out=4"
            ' failures="a: connect (refused); b: status_503"'
        ),
        (
            'request=req-2 endpoint=chat model="unknown" provider=none status=404 ending=refused attempts=0 ms=1'
            " revision=none"
        ),
    ]
    record = caplog.records[0]
    assert (record.created, record.msecs) == (ENDED, 125.0)
    assert record.__dict__["fields"]["tokens_out"] == 4


def test_what_else_is_known_is_told() -> None:
    outcome = replace(
        OUTCOME, usage=Usage(3, 4, 7, estimated=True), skipped=(Skipped("x", "bx", Reason.CIRCUIT_OPEN),)
    )
    entry = Entry(ENDED, "r", "chat", "m", outcome, "alias", True, "s-1", traced(TraceContext(0xABC, 1)))
    told = fields_of(entry)
    assert (told["asked"], told["stream"], told["session"]) == ("alias", "true", "s-1")
    assert told["trace"] == f"{0xABC:032x}"
    assert (told["estimated"], told["skipped"]) == ("true", "x: circuit_open")


def test_no_client_writes_a_line_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    AccessLog().take([ENTRY._replace(asked='x" status=200\nfake')])
    assert "\n" not in caplog.messages[0]
    assert 'asked="x\\\\" status=200\\nfake"' in caplog.messages[0]


def test_a_share_is_even_and_failures_are_always_told(caplog: pytest.LogCaptureFixture) -> None:
    log = AccessLog(0.25)
    log.take([ENTRY] * 4)
    log.take([ENTRY] * 4)
    assert len(caplog.messages) == 2
    caplog.clear()
    AccessLog(0).take([ENTRY, REFUSED, ENTRY._replace(outcome=replace(OUTCOME, ending=Ending.BROKEN))])
    assert [line.split()[0] for line in caplog.messages] == ["request=req-2", "request=req-1"]
    log.close()


def test_whose_key_it_was_is_told_by_name() -> None:
    told = fields_of(ENTRY._replace(caller=client("team", "team-a", metadata={"cost": "4 2", "x": '"'})))
    assert (told["client"], told["metadata"]) == ("team-a/team", 'cost=4 2,x="')
    assert fields_of(ENTRY._replace(caller=client()))["client"] == "team"
    assert "client" not in fields_of(ENTRY)
