import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes.keys import client
from fakes.serving import KEY, candidate, http_upstream, namespace, served, snapshot
from fakes.store import SteppingClock
from fakes.taped import traced

from reconciler.errors import StoreError
from reconciler.gateway.counting import MemoryTally
from reconciler.gateway.dispatch.outcome import Attempt, Ending, Outcome, Reason, Skipped
from reconciler.gateway.tape import Tape
from reconciler.gateway.telemetry import Entry
from reconciler.gateway.trace_context import TraceContext
from reconciler.gateway.traffic import TrafficRecords
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.usage import Usage
from reconciler.snapshot.model import Snapshot
from reconciler.snapshot.prices import Prices
from reconciler.snapshot.recording import Recording
from reconciler.store.traffic import Bodies
from reconciler.store.traffic_batch import Columns, RequestRow, decoded, encoded

ANSWERED = Attempt("p", "b", status=200, seconds=0.0115)
OUTCOME = Outcome(200, Ending.COMPLETE, (ANSWERED,), "p", 7, 0.012, 0.011, Usage(3, 4, 7))
ENTRY = Entry(1_790_000_000.5, "req-1", "chat", "m", OUTCOME, "alias")
KEEPING = Recording(retention=1000, max_bytes=2000)


class Writer:
    def __init__(self) -> None:
        self.rows: list[RequestRow] = []
        self.bodies: list[Bodies] = []
        self.pruned: list[tuple[int, int]] = []
        self.joined: list[int] = []
        self.closed = self.full = False

    def add(self, columns: Columns, bodies: Sequence[Bodies]) -> None:
        told = decoded(encoded(columns), len(columns["id"]))
        self.rows += [RequestRow(*row) for row in zip(*told.values(), strict=True)]
        self.bodies += bodies

    def commit(self) -> None:
        if self.full:
            raise StoreError("no space is left")

    def prune(self, before: int, max_bytes: int) -> None:
        self.pruned.append((before, max_bytes))

    def join(self, now: int) -> int:
        self.joined.append(now)
        return 0

    def session_key(self) -> bytes:
        if self.full:
            raise StoreError("no space is left")
        return bytes(32)

    def close(self) -> None:
        self.closed = True


class Stand:
    def __init__(self) -> None:
        self.writer, self.tally, self.clock = Writer(), MemoryTally(), SteppingClock()
        written, failed = self.tally.cells(("written",), 1), self.tally.cells(("failed",), 1)
        self.records = TrafficRecords(self.writer, "w-1", self.clock, written, failed)

    def publish(self, recording: Recording = KEEPING, revision: int = 7, price: str = "0.15") -> Snapshot:
        upstream = http_upstream("p", "http://p.test/v1")
        paid = replace(candidate(upstream), binding="b", prices=Prices.of({"input": price, "output": "1"}))
        free = replace(candidate(upstream), binding="free")
        made = replace(
            snapshot(namespace(served("m", paid), served("free", free)), revision), recording=recording
        )
        self.records.published(made)
        return made

    def just_written(self) -> None:
        """What is taken from now on waits until the clock goes on."""
        for _ in range(2):  # the first also puts the file in order, and looks at the clock
            self.records.take([])

    @property
    def counted(self) -> list[int]:
        return [cells[0] for cells in self.tally.counts().values()]


@pytest.fixture
def stand() -> Stand:
    return Stand()


def test_an_entry_becomes_a_row(stand: Stand) -> None:
    stand.publish()
    entry = ENTRY._replace(
        outcome=replace(ENTRY.outcome, finish_reason="stop"),
        stream=True,
        session="s",
        tape=traced(TraceContext(0xABC, 1)),
    )
    stand.records.take([entry])
    assert stand.writer.rows == [
        RequestRow(
            id="req-1",
            time=1_790_000_000_488,
            instance="w-1",
            namespace="default",
            revision=7,
            endpoint="chat",
            asked="alias",
            model="m",
            provider="p",
            binding="b",
            status=200,
            ending="complete",
            stream=1,
            attempts=1,
            trail=None,
            tokens_in=3,
            tokens_out=4,
            estimated=0,
            cost="0.00000445",
            duration=12_000,
            first_byte=11_000,
            own=500,
            session="s",
            client=None,
            trace=f"{0xABC:032x}",
            finish_reason="stop",
        )
    ]
    assert stand.counted == [1, 0]


ASKED = json.dumps({"messages": [{"role": "user", "content": "hello"}]}).encode()


def test_what_a_client_does_not_name_is_told_by_how_it_begins_and_whose_it_is(stand: Stand) -> None:
    ada, bob = client(name="ada"), client(name="bob")
    entries = [
        ENTRY._replace(caller=ada, opening=ASKED),
        ENTRY._replace(caller=ada, opening=ASKED),
        ENTRY._replace(caller=bob, opening=ASKED),
        ENTRY._replace(caller=ada, opening=b"{}"),
        ENTRY._replace(caller=ada, session="said"),
        ENTRY._replace(opening=ASKED),  # nobody knows whose it is
    ]
    stand.records.take(entries)
    first, second, others, *rest = [row.session for row in stand.writer.rows]
    assert first is not None
    assert first.startswith("conv-")
    assert first == second
    assert others not in {first, None}
    assert rest == [None, "said", None]


def test_what_is_not_known_is_left_open(stand: Stand) -> None:
    refused = Entry(1.0, "req-2", "chat", None, Outcome(404, Ending.REFUSED, (), None, 7, 0.001))
    stand.records.take([refused])
    (row,) = stand.writer.rows
    assert (row.asked, row.model, row.provider, row.binding, row.trail) == (None,) * 5
    assert (row.tokens_in, row.cost, row.first_byte, row.own, row.trace) == (None,) * 5


def test_the_trail_tells_each_attempt_and_who_was_passed_over(stand: Stand) -> None:
    failed = Attempt("a", "ba", Failure.TIMEOUT, "took more than 1 s", None, None, 1.0)
    skipped = (Skipped("x", "bx", Reason.CIRCUIT_OPEN),)
    outcome = replace(OUTCOME, attempts=(failed, ANSWERED), skipped=skipped)
    stand.records.take([ENTRY._replace(outcome=outcome)])
    told = json.loads(stand.writer.rows[0].trail or "")
    assert told["attempts"][0] == {
        "provider": "a",
        "binding": "ba",
        "status": None,
        "failure": "timeout",
        "reason": "took more than 1 s",
        "micros": 1_000_000,
    }
    assert told["skipped"] == [{"provider": "x", "binding": "bx", "reason": "circuit_open"}]


def test_of_a_hedge_the_winners_binding_is_told_and_who_began_beside_whom(stand: Stand) -> None:
    loser = Attempt("x", "bx", seconds=1.0, beside="hedge")
    stand.records.take([ENTRY._replace(outcome=replace(OUTCOME, attempts=(ANSWERED, loser)))])
    (row,) = stand.writer.rows
    assert row.binding == ANSWERED.binding
    told = json.loads(row.trail or "")["attempts"]
    assert [each.get("beside") for each in told] == [None, "hedge"]


def test_an_attempt_that_failed_leaves_a_trail(stand: Stand) -> None:
    outcome = replace(OUTCOME, status=400, attempts=(replace(ANSWERED, status=400),))
    stand.records.take([ENTRY._replace(outcome=outcome)])
    assert '"status":400' in (stand.writer.rows[0].trail or "")


def test_a_request_costs_what_it_did_when_it_began(stand: Stand) -> None:
    stand.publish(revision=7, price="1")
    stand.publish(revision=8, price="2")
    usage = Usage(1_000_000, 0, 0)
    for revision in (7, 8, 6, 8):
        stand.records.take([ENTRY._replace(outcome=replace(OUTCOME, revision=revision, usage=usage))])
    free = replace(OUTCOME, attempts=(replace(ANSWERED, binding="free"),))
    stand.records.take([ENTRY._replace(outcome=free)])
    assert [row.cost for row in stand.writer.rows] == ["1", "2", None, "2", None]


def test_prices_of_long_ago_are_forgotten(stand: Stand) -> None:
    for revision in range(7, 27):
        stand.publish(revision=revision)
        stand.records.take([ENTRY._replace(outcome=replace(OUTCOME, revision=revision))])
    assert {row.cost for row in stand.writer.rows} == {"0.00000445"}


def test_settings_may_want_none(stand: Stand) -> None:
    stand.publish(replace(KEEPING, requests=False))
    stand.records.take([ENTRY])
    assert stand.writer.rows == []
    assert len(stand.writer.pruned) == 1


def test_what_can_not_be_written_is_counted(stand: Stand) -> None:
    stand.writer.full = True
    with pytest.raises(StoreError):
        stand.records.take([ENTRY, ENTRY])
    assert stand.counted == [0, 2]


def test_what_waits_to_be_written_is_lost_with_what_comes(stand: Stand) -> None:
    stand.just_written()
    stand.clock.now()
    stand.records.take([ENTRY])
    stand.records.take([ENTRY])
    assert stand.counted == [1, 0]
    stand.writer.full = True
    stand.clock.now()
    with pytest.raises(StoreError, match="no space"):
        stand.records.take([ENTRY])
    assert stand.counted == [1, 2]


def test_what_needs_the_files_key_is_counted_where_there_is_none(stand: Stand) -> None:
    stand.just_written()
    stand.records.take([ENTRY])
    stand.writer.full = True
    with pytest.raises(StoreError, match="no space"):
        stand.records.take([ENTRY._replace(caller=client(name="ada"), opening=ASKED)])
    assert stand.counted == [0, 1]
    stand.writer.full = False
    stand.clock.now()
    stand.records.take([])
    assert stand.counted == [1, 1], "what was held before is written"


def test_who_wants_no_records_any_more_hears_no_more_of_their_failure(stand: Stand) -> None:
    stand.writer.full = True
    with pytest.raises(StoreError, match="no space"):
        stand.records.take([ENTRY])
    stand.publish(Recording(requests=False))
    stand.records.take([ENTRY])


def test_until_it_can_be_written_again_each_round_says_so(stand: Stand) -> None:
    stand.just_written()
    stand.writer.full = True
    for step in (True, False, False, True):
        if step:
            stand.clock.now()
        with pytest.raises(StoreError, match="no space"):
            stand.records.take([ENTRY])
    assert stand.counted == [0, 4]
    stand.writer.full = False
    stand.clock.now()
    stand.records.take([ENTRY])
    stand.records.take([])
    assert stand.counted == [1, 4]


def test_bodies_are_kept_on_demand_without_credentials(stand: Stand) -> None:
    stand.publish()
    tape = Tape(None, f"my key {KEY}".encode(), 100)  # type: ignore[arg-type]  # nobody is answered
    tape.answered += b"Bearer abcdefghijkl"
    tape.answer_bytes = 1000
    stand.records.take([ENTRY._replace(tape=tape)])
    assert stand.writer.bodies == []
    stand.publish(replace(KEEPING, body_bytes=100), revision=8)
    stand.records.take([ENTRY._replace(tape=tape), ENTRY])
    stand.records.take([ENTRY])
    (kept,) = stand.writer.bodies
    assert kept == Bodies("req-1", 1_790_000_000_488, b"my key ***", 36, b"Bearer ***", 1000)


def test_the_file_is_kept_in_order_now_and_then(stand: Stand) -> None:
    stand.publish()
    now = int(stand.clock.now().timestamp() * 1000)
    stand.records.take([])
    ((before, max_bytes),) = stand.writer.pruned
    assert max_bytes == 2000
    assert 0 <= before + 1000 - now < 60_000
    stand.records.take([])
    assert len(stand.writer.pruned) == len(stand.writer.joined) <= 2


def test_the_end_writes_what_waits_and_closes_the_file(stand: Stand) -> None:
    stand.just_written()
    stand.records.take([ENTRY])
    stand.records.take([ENTRY])
    assert stand.counted == [0, 0]
    stand.records.close()
    assert stand.counted == [2, 0]
    assert stand.writer.closed


def test_what_the_end_can_not_write_is_lost(stand: Stand) -> None:
    stand.just_written()
    stand.records.take([ENTRY])
    stand.writer.full = True
    with pytest.raises(StoreError):
        stand.records.close()
    assert stand.counted == [0, 1]
    assert stand.writer.closed


def test_a_request_with_a_key_is_its_clients_and_paid_for_in_its_namespace(stand: Stand) -> None:
    made = stand.publish()
    space = made.namespaces["default"]
    dear = replace(space.listed[1].candidates[0], prices=Prices.of({"input": "1000000", "output": "0"}))
    there = namespace(served("m", dear))
    stand.records.published(replace(made, revision=8, namespaces={**made.namespaces, "team-a": there}))
    caller = client("team", "team-a", metadata={"cost": "42"})
    own = replace(ENTRY.outcome, revision=8)
    stand.records.take([ENTRY._replace(outcome=own, caller=caller), ENTRY._replace(outcome=own)])
    team, nobody = stand.writer.rows
    assert (team.client, team.namespace, team.metadata, team.cost) == ("team", "team-a", '{"cost":"42"}', "3")
    assert (nobody.client, nobody.namespace, nobody.metadata) == (None, "default", None)
    assert nobody.cost == "0.00000445"
