"""From the entries of the outbox to the columns of the traffic's file, as the Settings want it. Runs in the courier's thread.

What is lost is counted: where the file can't be written, serving goes on without records.
"""

import json
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from reconciler.clock import Clock
from reconciler.errors import StoreError
from reconciler.gateway.cost import PricesByBinding, cost
from reconciler.gateway.counting import MICROS, Cells
from reconciler.gateway.dispatch.outcome import Outcome
from reconciler.gateway.masking import Masks
from reconciler.gateway.openings import opening, session_name
from reconciler.gateway.telemetry import Entry, own_seconds
from reconciler.snapshot.model import Snapshot
from reconciler.snapshot.recording import Recording
from reconciler.store.traffic import Bodies
from reconciler.store.traffic_batch import Columns, Value

PRUNE_SECONDS = 10.0
_REMEMBERED = 8
"""Snapshots whose prices are known: a request is paid for as it was when it began."""
_REMEMBERED_PRICES = 64
"""Of so many namespaces of them."""


class Writer(Protocol):
    """The traffic's file."""

    def write(self, columns: Columns, bodies: Sequence[Bodies]) -> None: ...

    def prune(self, before: int, max_bytes: int) -> None: ...

    def join(self, now: int) -> int: ...

    def session_key(self) -> bytes: ...

    def close(self) -> None: ...


class TrafficRecords:
    """A destination of the courier. `published` is called by the event loop's thread, the rest by the courier's."""

    def __init__(self, writer: Writer, instance: str, clock: Clock, written: Cells, failed: Cells) -> None:
        self._writer = writer
        self._instance = instance
        self._clock = clock
        self._written = written
        self._failed = failed
        self._snapshots: deque[Snapshot] = deque(maxlen=_REMEMBERED)
        self._prices: dict[tuple[int, str], PricesByBinding] = {}
        self._masks = Masks(())
        self._masked: Snapshot | None = None
        self._pruned: float | None = None

    def published(self, snapshot: Snapshot) -> None:
        """For the registry: a snapshot came into force."""
        self._snapshots.append(snapshot)

    def take(self, entries: Sequence[Entry]) -> None:
        """Raises StoreError where they are lost."""
        newest = self._snapshots[-1] if self._snapshots else None
        wanted = newest.recording if newest is not None else Recording()
        if entries and wanted.requests:
            bodies = self._bodies(entries, newest) if wanted.body_bytes else ()
            try:
                self._writer.write(self._columns(entries), bodies)
            except StoreError:
                self._failed[0] += len(entries)
                raise
            self._written[0] += len(entries)
        self._keep_in_order(wanted)

    def close(self) -> None:
        self._writer.close()

    def _keep_in_order(self, wanted: Recording) -> None:
        now = self._clock.monotonic()
        if self._pruned is not None and now - self._pruned < PRUNE_SECONDS:
            return
        self._pruned = now
        moment = int(self._clock.now().timestamp() * 1000)
        self._writer.prune(moment - wanted.retention, wanted.max_bytes)
        self._writer.join(moment)

    def _columns(self, entries: Sequence[Entry]) -> Columns:
        """Column by column: half the price of row by row."""
        outcomes = [entry.outcome for entry in entries]
        usages = [outcome.usage for outcome in outcomes]
        owns = list(map(own_seconds, outcomes))
        bindings = list(map(_binding, outcomes))
        columns: dict[str, Sequence[Value]] = {
            "id": [entry.request_id for entry in entries],
            "time": [int((entry.ended - entry.outcome.seconds) * 1000) for entry in entries],
            "instance": [self._instance] * len(entries),
            "namespace": [entry.namespace for entry in entries],
            "revision": [outcome.revision for outcome in outcomes],
            "endpoint": [entry.endpoint for entry in entries],
            "asked": [entry.asked for entry in entries],
            "model": [entry.model for entry in entries],
            "provider": [outcome.provider for outcome in outcomes],
            "binding": bindings,
            "status": [outcome.status for outcome in outcomes],
            "ending": [outcome.ending.value for outcome in outcomes],
            "stream": [int(entry.stream) for entry in entries],
            "attempts": [len(outcome.attempts) for outcome in outcomes],
            "trail": list(map(_trail, outcomes)),
            "tokens_in": [None if usage is None else usage.prompt_tokens for usage in usages],
            "tokens_out": [None if usage is None else usage.completion_tokens for usage in usages],
            "estimated": [0 if usage is None else int(usage.estimated) for usage in usages],
            "cost": list(map(self._cost, entries, bindings)),
            "duration": [int(outcome.seconds * MICROS) for outcome in outcomes],
            "first_byte": [
                None if outcome.first_byte is None else int(outcome.first_byte * MICROS)
                for outcome in outcomes
            ],
            "own": [None if own is None else int(own * MICROS) for own in owns],
            "session": self._sessions(entries),
            "client": [None if entry.caller is None else entry.caller.name for entry in entries],
            "trace": [None if each.trace is None else f"{each.trace.trace_id:032x}" for each in entries],
            "metadata": list(map(_metadata, entries)),
            "finish_reason": [outcome.finish_reason for outcome in outcomes],
        }
        return columns

    def _sessions(self, entries: Sequence[Entry]) -> list[Value]:
        """The client's own word, or else how the conversation begins; never the latter where nobody knows whose it is."""
        named: list[Value] = [entry.session for entry in entries]
        key: bytes | None = None
        for place, entry in enumerate(entries):
            if entry.opening is not None and entry.session is None and entry.caller is not None:
                said = opening(entry.endpoint, entry.opening)
                if said is not None:
                    key = key or self._writer.session_key()
                    named[place] = session_name(key, entry.caller.key, said)
        return named

    def _cost(self, entry: Entry, binding: str | None) -> str | None:
        """By the prices of the Model whose Binding answered, which a Route may have put in the place of what was asked."""
        usage = entry.outcome.usage
        if usage is None or binding is None:
            return None
        place = (entry.outcome.revision, entry.namespace)
        prices = self._prices.get(place)
        if prices is None:
            prices = self._prices_at(*place)
        price = prices.get(binding)
        return None if price is None else cost(usage, price)

    def _prices_at(self, revision: int, namespace: str) -> PricesByBinding:
        prices: PricesByBinding = {}
        snapshot = next((each for each in reversed(self._snapshots) if each.revision == revision), None)
        if snapshot is not None:
            candidates = (each for model in snapshot.namespace(namespace).listed for each in model.candidates)
            told = ((each.binding, each.prices) for each in candidates)
            prices = {binding: price for binding, price in told if binding and price is not None}
        if len(self._prices) >= _REMEMBERED_PRICES:
            self._prices.clear()
        self._prices[revision, namespace] = prices
        return prices

    def _bodies(self, entries: Sequence[Entry], newest: Snapshot | None) -> Sequence[Bodies]:
        if newest is not None and newest is not self._masked:
            self._masks, self._masked = Masks.of(newest), newest
        mask = self._masks.masked
        return [
            Bodies(
                entry.request_id,
                int((entry.ended - entry.outcome.seconds) * 1000),
                mask(tape.request),
                tape.request_bytes,
                mask(bytes(tape.answered)),
                tape.answer_bytes,
            )
            for entry in entries
            if (tape := entry.tape) is not None and (tape.request or tape.answered)
        ]


def _metadata(entry: Entry) -> str | None:
    """What its ClientKey says of it."""
    told = {} if entry.caller is None else entry.caller.metadata
    return json.dumps(dict(told), separators=(",", ":")) if told else None


def _binding(outcome: Outcome) -> str | None:
    """Of the attempt whose answer it is: the last at its provider, since others may have begun after it."""
    for each in reversed(outcome.attempts):
        if each.provider == outcome.provider:
            return each.binding
    return None


def _trail(outcome: Outcome) -> str | None:
    """Each attempt and who was passed over; None where one attempt was answered, which is nearly all there are."""
    attempts, skipped = outcome.attempts, outcome.skipped
    if not skipped:
        if not attempts:
            return None
        if len(attempts) == 1 and attempts[0].status == 200 and attempts[0].failure is None:
            return None
    tried = [
        {
            "provider": attempt.provider,
            "binding": attempt.binding,
            "status": attempt.status,
            "failure": attempt.failure.value if attempt.failure is not None else None,
            "reason": attempt.reason or None,
            "micros": int(attempt.seconds * MICROS),
            **({"beside": attempt.beside} if attempt.beside else {}),
        }
        for attempt in attempts
    ]
    passed = [
        {"provider": each.provider, "binding": each.binding, "reason": each.reason.value} for each in skipped
    ]
    return json.dumps({"attempts": tried, "skipped": passed}, separators=(",", ":"))
