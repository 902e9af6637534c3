"""One request for many embeddings, shared out: each part has a machine of its own, and its fallbacks.

Parts begin with the candidates in turn, so many at a time, and the client gets one answer, in the order of its input. A
part that nobody serves fails the whole with its error, and ends the others.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reconciler.gateway.dispatch import answers
from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.machine import Machine
from reconciler.gateway.dispatch.merging import all_skipped, marked, summed, with_attempts
from reconciler.gateway.dispatch.outcome import CLIENT_GONE, PART, Attempt, Ending, Headers, Outcome
from reconciler.gateway.dispatch.ports import Alarms, Books, Client, Transports
from reconciler.protocol.embedding_parts import Embedded, Part, embedded, joined
from reconciler.protocol.errors import OpenAIError, key_revoked
from reconciler.protocol.json_places import Misplaced

MAX_ANSWER = 128 * 1024 * 1024
"""Bytes of the answers of all parts together."""


_Failure = tuple[int, Headers, bytes]
"""What the client is told in place of an answer."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the machines of a worker act on."""

    transports: Transports
    alarms: Alarms


class Shared:
    """A `Talk`. Its attempts are those of all parts, part by part; its usage is their sum."""

    def __init__(
        self,
        around: Surroundings,
        ask: Ask,
        parts: Sequence[Part],
        workers: int,
        client: Client,
        books: Books,
    ) -> None:
        self._around = around
        self._ask = ask
        self._workers = workers
        self._client = client
        self._books = books
        self._started = 0.0
        self._size = 0
        self._left = False
        self._over = False
        self._told = False
        self._under_way = 0
        self._all = [_Asked(self, number, part) for number, part in enumerate(parts)]
        self._waiting = deque(self._all)

    # --- from the client's side -------------------------------------------------------------------------------

    def start(self, began: float | None = None) -> None:
        try:
            self._started = self._around.alarms.now() if began is None else began
            self._begin_more()
        except Exception as error:  # noqa: BLE001  whoever called is no place for it
            self.bug(error)

    def gone(self) -> None:
        """No part begins any more; one whose candidate is to be read to its end, is."""
        if self._over or self._left:
            return
        self._left = True
        self._waiting.clear()
        for asked in self._all:
            asked.gone(drains=True)
        self._end_left(None)

    def revoked(self) -> None:
        if not self._over and not self._left:
            ask, error = self._ask, key_revoked()
            headers = error.response_headers() + ask.rates
            self._fail((error.status, headers, ask.row.errors.body(error)), None)

    def blocked(self) -> None:
        """There is one piece to be sent, at the end."""

    def writable(self) -> None: ...

    def _begin_more(self) -> None:
        while self._waiting and self._under_way < self._workers and not self._over:
            asked = self._waiting.popleft()
            self._under_way += 1
            asked.machine = machine = self._machine(asked)
            asked.later = self._around.alarms.now() - self._started
            machine.start()

    def _machine(self, asked: "_Asked") -> Machine:
        ask, policy = self._ask, self._ask.policy
        if policy is not None and policy.total is not None:
            spent = self._around.alarms.now() - self._started
            policy = replace(policy, total=max(0.0, policy.total - spent))
        turn = asked.number % len(ask.candidates)
        candidates = (*ask.candidates[turn:], *ask.candidates[:turn])
        own = replace(ask, body=asked.part.body, candidates=candidates, policy=policy)
        return Machine(own, self._around.transports, self._around.alarms, asked, asked)

    # --- from the parts ---------------------------------------------------------------------------------------

    def took(self, size: int) -> bool:
        """Whether so many more bytes can be kept."""
        self._size += size
        return self._size <= MAX_ANSWER

    def ended(self, asked: "_Asked", outcome: Outcome) -> None:
        self._under_way -= 1
        if self._left:
            self._end_left(outcome.provider)
        elif not self._over:
            failed = asked.failure(self._ask, outcome)
            if failed is not None:
                self._fail(failed, outcome.provider)
            elif self._waiting:
                self._begin_more()
            elif not self._under_way:
                self._answer()

    def _end_left(self, provider: str | None) -> None:
        if not self._under_way and not self._over:
            self._over = True
            self._tell(CLIENT_GONE, Ending.GONE, provider)

    def bug(self, error: Exception) -> None:
        if not self._told:
            self._told = True
            self._stop()
            self._books.bug(error)

    def _fail(self, failure: _Failure, provider: str | None) -> None:
        self._stop()
        status, headers, body = failure
        self._client.answer(status, with_attempts(headers, self._attempts()), body)
        self._tell(status, Ending.REFUSED, provider)

    def _answer(self) -> None:
        self._over = True
        first = self._all[0]
        whole = joined([each.embedded for each in self._all if each.embedded is not None])
        self._client.answer(200, with_attempts(first.headers, self._attempts()), whole)
        self._tell(200, Ending.COMPLETE, first.outcome.provider if first.outcome is not None else None)

    def _stop(self) -> None:
        self._over = True
        self._waiting.clear()
        for each in self._all:
            each.gone(drains=False)

    def _attempts(self) -> int:
        return sum(len(outcome.attempts) for outcome in self._outcomes())

    def _outcomes(self) -> list[Outcome]:
        return [each.outcome for each in self._all if each.outcome is not None]

    def _tell(self, status: int, ending: Ending, provider: str | None) -> None:
        self._told = True
        outcomes = self._outcomes()
        seconds = self._around.alarms.now() - self._started
        attempts: list[Attempt] = []
        parts = [(each.outcome, each.later) for each in self._all if each.outcome is not None]
        for place, (outcome, later) in enumerate(parts):
            attempts += marked(outcome.attempts, PART if place else "", later)
        self._books.over(
            Outcome(
                status,
                ending,
                tuple(attempts),
                provider,
                self._ask.revision,
                seconds,
                seconds if ending is Ending.COMPLETE else None,
                summed(outcome.usage for outcome in outcomes),
                all_skipped(outcomes),
            )
        )


class _Asked:
    """A part, and its machine's `Client` and `Books`. Its answer is kept until it is whole."""

    def __init__(self, shared: Shared, number: int, part: Part) -> None:
        self._shared = shared
        self.number = number
        self.part = part
        self.machine: Machine | None = None
        self.later = 0.0
        """Seconds from the request's start to its own."""
        self.headers: Headers = ()
        self.outcome: Outcome | None = None
        self.embedded: Embedded | None = None
        self._status = 0
        self._kept = bytearray()
        self._fits = True

    def gone(self, *, drains: bool) -> None:
        if self.machine is not None and self.outcome is None:
            self.machine.gone(drains=drains)

    def head(self, status: int, headers: Headers, length: int | None = None) -> None:  # noqa: ARG002  the port's
        self._status, self.headers = status, headers

    def data(self, chunk: bytes) -> None:
        self._fits = self._fits and self._shared.took(len(chunk))
        if self._fits:
            self._kept += chunk
        else:
            self._kept.clear()

    def finish(self) -> None: ...

    def answer(self, status: int, headers: Headers, body: bytes) -> None:
        self._status, self.headers = status, headers
        self.data(body)

    def abort(self) -> None: ...

    def over(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self._shared.ended(self, outcome)

    def bug(self, error: Exception) -> None:
        self._shared.bug(error)

    def failure(self, ask: Ask, outcome: Outcome) -> _Failure | None:
        """What the client is to be told; None where the answer is there."""
        if outcome.ending is Ending.REFUSED:
            return self._status, self.headers, bytes(self._kept)
        if outcome.ending is not Ending.COMPLETE:
            error = answers.exhausted(ask.model, outcome.attempts)
        elif not self._fits:
            error = _no_answer(outcome, f"its parts are larger than {MAX_ANSWER >> 20} MiB together")
        else:
            try:
                self.embedded = embedded(bytes(self._kept), self.part)
            except Misplaced as misplaced:
                error = _no_answer(outcome, str(misplaced))
            else:
                self._kept.clear()
                return None
        own = tuple(each for each in self.headers if each[0].startswith("x-routerctl-"))
        return error.status, (*error.response_headers(), *own, *ask.rates), ask.row.errors.body(error)


def _no_answer(outcome: Outcome, why: str) -> OpenAIError:
    message = f"The answer of the provider {outcome.provider} can't be joined with the others: {why}."
    return OpenAIError(502, message, "server_error", "upstream_error")
