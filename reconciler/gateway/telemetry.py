"""The books of a worker: what each request did is counted at once, and handed on to whoever writes it down.

Counting is a few additions to the cells of one block (see `counting`). Records, the access log and traces are made of
the entry that is left in the outbox, by a thread of their own (see `courier`): a request waits for none of them.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Mapping
from itertools import pairwise
from time import time
from typing import Final, NamedTuple, TypeAlias

from reconciler.gateway.counting import (
    APART,
    DURATION,
    DURATION_SUM,
    ESTIMATED_INPUT,
    ESTIMATED_OUTPUT,
    FIRST_SECONDS,
    FIRST_START,
    FIRST_SUM,
    INPUT_START,
    INPUT_SUM,
    MICROS,
    OUTPUT_START,
    OUTPUT_SUM,
    OWN_SECONDS,
    OWN_START,
    OWN_SUM,
    SECONDS,
    SERIES,
    SIZE,
    TOKENS,
    Cells,
    MemoryTally,
    Tally,
    nested,
)
from reconciler.gateway.dispatch.outcome import Attempt, Ending, Outcome
from reconciler.gateway.dispatch.ports import Client
from reconciler.gateway.tape import Tape
from reconciler.gateway.trace_context import TraceContext, trace_of
from reconciler.json_types import JsonObject
from reconciler.protocol.usage import Usage
from reconciler.resources.resource import DEFAULT_NAMESPACE
from reconciler.snapshot.clients import Client as Caller

UNKNOWN = "unknown"
"""The label of every model that is not configured: clients choose names, and must not choose labels."""

NONE = "none"
"""The label of the provider where none was tried."""

OTHER = "other"
MAX_LABELS = 2000
MAX_SERIES = 10_000

SESSION = b"x-session-id"
"""The header with the client's own word for what belongs together. Nothing else is taken for one: what two clients
happen to say alike must not bring them together."""
_LONGEST_SESSION = 256

OUTBOX = 20_000
"""Entries that wait at most. A thread that does not keep up, as on a slow disk, costs records and never memory."""
OPENING = 64 * 1024
"""Bytes of a body that are looked at for how its conversation begins."""
OPENINGS = 200
"""Of these the first ones at most bear an opening, for they are long."""

_Bounds: TypeAlias = tuple[float, ...]
_place: Final[Callable[[_Bounds, float], int]] = bisect_left
_SECONDS: Final[_Bounds] = SECONDS
_FIRST_SECONDS: Final[_Bounds] = FIRST_SECONDS
_OWN_SECONDS: Final[_Bounds] = OWN_SECONDS
_TOKENS: Final[_Bounds] = TOKENS
_FEW: Final = 16_384
_PLACES: Final = bytes(bisect_left(TOKENS, number) for number in range(_FEW))
"""In compiled code what is imported is looked up by name each time, and tuples of a known length are made each time. Most
numbers of tokens are less than _FEW, and their places written down."""


class Entry(NamedTuple):
    """One request, done. `model` is a configured name or None, `asked` what the client wrote. `ended` is of the epoch.

    `session` is what the client says belongs together; `tape` holds the bodies, where they are kept.
    """

    ended: float
    request_id: str
    endpoint: str
    model: str | None
    outcome: Outcome
    asked: str | None = None
    stream: bool = False
    session: str | None = None
    tape: Tape | None = None
    caller: Caller | None = None
    """Whose key came with it."""
    opening: bytes | None = None
    """Of a caller that names no session: the first OPENING bytes of what it sent."""

    @property
    def namespace(self) -> str:
        return DEFAULT_NAMESPACE if self.caller is None else self.caller.key.namespace

    @property
    def trace(self) -> TraceContext | None:
        return self.tape.trace if self.tape is not None else None

    @property
    def failed(self) -> bool:
        return self.outcome.status >= 400 or self.outcome.ending is not Ending.COMPLETE


def session_of(said: bytes) -> str | None:
    """The client's word for what belongs together; None where it makes no sense."""
    text = said.decode("latin-1").strip()
    return text if 0 < len(text) <= _LONGEST_SESSION and text.isprintable() else None


def own_seconds(outcome: Outcome) -> float | None:
    """What the gateway took for itself: the time in which no upstream was waited for.

    None where none was tried, where several were at once, and where one was asked again: it was given a pause.
    """
    attempts = outcome.attempts
    if not attempts or any(attempt.beside for attempt in attempts):
        return None
    if len(attempts) > 1 and any(
        first.provider == second.provider and first.binding == second.binding
        for first, second in pairwise(attempts)
    ):
        return None
    return max(0.0, outcome.seconds - sum([attempt.seconds for attempt in attempts]))


def failure_of(attempt: Attempt) -> str:
    """Why an attempt counts as failed; empty where it does not."""
    if attempt.failure is not None:
        return attempt.failure.value
    return f"status_{attempt.status}" if attempt.status is not None and attempt.status >= 400 else ""


class Telemetry:
    """One a worker. Not for several threads, but that one other may take from the `outbox`."""

    def __init__(self, tally: Tally | None = None) -> None:
        self._tally = MemoryTally() if tally is None else tally
        self._labels: dict[str, set[str]] = {"model": set(), "provider": set()}
        self._series: dict[tuple[str, str | None, str | None, int, Ending, bool], Cells] = {}
        self._in_flight = 0
        self._lost = self.cell("records", "queue_full")
        self.outbox: deque[tuple[object, ...]] = deque()
        """Of the fields of entries, which are made where they are read."""
        self.keeps_entries = False
        """Whether somebody takes what is left in the outbox."""
        self.traces = False
        """Whether requests are to bear a trace."""

    @property
    def in_flight(self) -> int:
        return self._in_flight

    def began(self) -> None:
        self._in_flight += 1

    def ended(self) -> None:
        self._in_flight -= 1

    def over(  # noqa: PLR0913  a tuple of them would be made for each request
        self,
        request_id: str,
        endpoint: str,
        model: str | None,
        outcome: Outcome,
        asked: str | None = None,
        *,
        stream: bool = False,
        session: bytes | None = None,
        tape: Tape | None = None,
        caller: Caller | None = None,
        opening: bytes | None = None,
    ) -> None:
        """Counted, and left in the outbox. Of the hot path: what it costs, each request pays.

        `asked` is the client's word for the model, `session` its header SESSION, `tape` what `attend` gave; the rest as in Entry.
        """
        attempts, seconds, first_byte = outcome.attempts, outcome.seconds, outcome.first_byte
        status, ending, provider = outcome.status, outcome.ending, outcome.provider
        cells = self._series.get((endpoint, model, provider, status, ending, stream))
        if cells is None:
            cells = self._begin(endpoint, model, outcome, stream=stream)
        at = _place(_SECONDS, seconds)
        cells[at] = cells[at] + 1
        cells[DURATION_SUM] = cells[DURATION_SUM] + int(seconds * MICROS)
        if first_byte is not None:
            at = FIRST_START + _place(_FIRST_SECONDS, first_byte)
            cells[at] = cells[at] + 1
            cells[FIRST_SUM] = cells[FIRST_SUM] + int(first_byte * MICROS)
        if len(attempts) == 1:
            attempt = attempts[0]
            own = seconds - attempt.seconds
            at = OWN_START + _place(_OWN_SECONDS, own)
            cells[at] = cells[at] + 1
            if own > 0:
                cells[OWN_SUM] = cells[OWN_SUM] + int(own * MICROS)
            if outcome.skipped or attempt.status != 200 or attempt.failure is not None:
                self._count_apart(cells, outcome)
        elif attempts or outcome.skipped:
            self._count_apart(cells, outcome)
        usage = outcome.usage
        if usage is not None:
            _count_tokens(cells, usage)
        if self.keeps_entries:
            waiting = len(self.outbox)
            if waiting < OUTBOX:
                named = None if session is None else session_of(session)
                begun = opening if waiting < OPENINGS else None
                self.outbox.append(
                    (time(), request_id, endpoint, model, outcome, asked, stream, named, tape, caller, begun)
                )
            else:
                self._lost[0] += 1

    def attend(
        self, client: Client, request: bytes, headers: Mapping[bytes, bytes], limit: int
    ) -> Tape | None:
        """What is to stand between the machine and the client: None, mostly. `limit` is the Settings' bound of bodies.

        The headers of its `trace` are for the upstream.
        """
        if not limit and not self.traces:
            return None
        return Tape(client, request, limit, trace_of(headers) if self.traces else None)

    def shadowed(self, provider: str, outcome: Outcome) -> None:
        """Of what was sent to a shadow, which is no request of a client's."""
        name = self._label("provider", provider)
        self.cell("shadows", name, _shadow_word(outcome))[0] += 1
        observed = ("shadow_duration", name)
        self.cell(*observed, "count")[0] += 1
        self.cell(*observed, "sum")[0] += int(outcome.seconds * MICROS)
        place = bisect_left(SECONDS, outcome.seconds)
        self.cell(*observed, "buckets", DURATION.bound(place))[0] += 1
        if outcome.usage is not None:
            self.cell("shadow_tokens", name, "input")[0] += outcome.usage.prompt_tokens
            self.cell("shadow_tokens", name, "output")[0] += outcome.usage.completion_tokens

    def shadow_skipped(self, provider: str) -> None:
        """Too many were under way."""
        self.cell("shadows", self._label("provider", provider), "not_sent")[0] += 1

    def gauges(self) -> JsonObject:
        """What is so at the moment."""
        return {"in_flight": self._in_flight}

    def snapshot(self) -> JsonObject:
        """As `nested`, and `in_flight`. Folds all series: for another thread than that which counts."""
        return {"in_flight": self._in_flight, **nested(self._tally.counts())}

    def cell(self, *labels: str) -> Cells:
        """A counter of its own: whoever asks for it is the one who moves it."""
        return self._tally.cells(labels, 1)

    def _count_apart(self, cells: Cells, outcome: Outcome) -> None:
        """What can't be told from how the request ended."""
        cells[APART] += 1
        own = own_seconds(outcome)
        if len(outcome.attempts) > 1 and own is not None:
            cells[OWN_START + bisect_left(OWN_SECONDS, own)] += 1
            cells[OWN_SUM] += int(own * MICROS)
        before: str | None = None
        for attempt in outcome.attempts:
            name = self._label("provider", attempt.provider)
            self.cell("attempts", name)[0] += 1
            failure = failure_of(attempt)
            if failure:
                self.cell("failures", name, failure)[0] += 1
            if attempt.beside:
                self.cell("beside", name, attempt.beside)[0] += 1
            elif before == name:
                self.cell("retries", name)[0] += 1
            elif before is not None:
                self.cell("fallbacks", before, name)[0] += 1
            before = name
        for skipped in outcome.skipped:
            self.cell("skipped", self._label("provider", skipped.provider), skipped.reason.value)[0] += 1

    def _begin(self, endpoint: str, model: str | None, outcome: Outcome, *, stream: bool) -> Cells:
        """A series that is new; where there are too many, one that takes all the rest."""
        full = len(self._series) >= MAX_SERIES
        names = (OTHER, OTHER)
        if not full:
            provider = self._label("provider", outcome.provider or NONE)
            names = (self._label("model", model or UNKNOWN), provider)
        status, ending = outcome.status, outcome.ending
        shape = "stream" if stream else "plain"
        cells = self._tally.cells((SERIES, endpoint, *names, str(status), ending.value, shape), SIZE)
        if not full:
            self._series[endpoint, model, outcome.provider, status, ending, stream] = cells
        return cells

    def _label(self, kind: str, value: str) -> str:
        known = self._labels[kind]
        if value in known:
            return value
        if len(known) >= MAX_LABELS:
            return OTHER
        known.add(value)
        return value


def _shadow_word(outcome: Outcome) -> str:
    """The class of its status, or why there is none."""
    if not outcome.attempts:
        return outcome.skipped[-1].reason.value if outcome.skipped else NONE
    last = outcome.attempts[-1]
    if last.failure is not None or last.status is None:
        return last.failure.value if last.failure is not None else outcome.ending.value
    return f"{last.status // 100}xx"


def _count_tokens(cells: Cells, usage: Usage) -> None:
    """Estimated ones are not among those that upstreams told."""
    given, made = usage.prompt_tokens, usage.completion_tokens
    if not (given or made):
        return
    if usage.estimated:
        cells[ESTIMATED_INPUT] += given
        cells[ESTIMATED_OUTPUT] += made
        return
    at = INPUT_START + (_PLACES[given] if given < _FEW else _place(_TOKENS, given))
    cells[at] = cells[at] + 1
    cells[INPUT_SUM] = cells[INPUT_SUM] + given
    at = OUTPUT_START + (_PLACES[made] if made < _FEW else _place(_TOKENS, made))
    cells[at] = cells[at] + 1
    cells[OUTPUT_SUM] = cells[OUTPUT_SUM] + made
