"""A request whose client has limits: served once they let it, and settled when it is over.

    start --> charge --admitted--> as any other request --> over: settled, then the books
                |
                +-----refused----> the client is told why, and when to come again --> over

Who serves it, a machine or several, knows nothing of that; a client without limits has none of it.
"""

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import TypeAlias

from reconciler.gateway.dispatch import answers
from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.dispatch.charge import Charge
from reconciler.gateway.dispatch.claim import Verdict
from reconciler.gateway.dispatch.outcome import CLIENT_GONE, Ending, Outcome
from reconciler.gateway.dispatch.patience import never_asked
from reconciler.gateway.dispatch.ports import Alarms, Books, Client, Talk
from reconciler.protocol.errors import OpenAIError, key_revoked
from reconciler.snapshot.limits import Limits

Serve: TypeAlias = Callable[[Ask, Client, Books], Talk]


class Metered:
    """A `Talk`, and the `Books` of the one that serves it."""

    _started = 0.0
    _blocked = False
    _told = False

    def __init__(
        self, limits: Limits, ask: Ask, serve: Serve, alarms: Alarms, client: Client, books: Books
    ) -> None:
        self._talk: Talk | None = None
        self._ask = ask
        self._serve = serve
        self._now = alarms.now
        self._client = client
        self._books = books
        self._charge = Charge(limits, ask, alarms)

    # --- from the client's side -----------------------------------------------------------------------------

    def start(self, began: float | None = None) -> None:
        try:
            now = self._now()
            self._started = now if began is None else began
            policy = self._ask.policy
            total = None if policy is None else policy.total
            verdict = self._charge.begin(now, inf if total is None else self._started + total)
            if verdict is Verdict.TAKEN:
                self._begin()
            elif verdict is Verdict.WAITING:
                self._charge.heard = self._heard
            else:
                self._refuse(self._charge.refusal(now))
        except Exception as error:  # noqa: BLE001  whoever called is no place for it
            self.bug(error)

    def gone(self) -> None:
        if self._talk is not None:
            self._talk.gone()
        else:
            self._end(CLIENT_GONE, Ending.GONE)

    def revoked(self) -> None:
        if self._talk is not None:
            self._talk.revoked()
        elif not self._told:
            self._refuse(key_revoked())

    def blocked(self) -> None:
        self._blocked = True
        if self._talk is not None:
            self._talk.blocked()

    def writable(self) -> None:
        self._blocked = False
        if self._talk is not None:
            self._talk.writable()

    # --- from the charge ------------------------------------------------------------------------------------

    def _heard(self) -> None:
        if self._told:
            return
        try:
            charge = self._charge
            if charge.admitted:
                self._begin()
            else:
                self._refuse(never_asked(self._ask) if charge.late else charge.refusal(self._now()))
        except Exception as error:  # noqa: BLE001  as above
            self.bug(error)

    def _begin(self) -> None:
        self._ask.rates = self._charge.headers()
        self._talk = talk = self._serve(self._ask, self._client, self)
        if self._blocked:  # by what was written before this answer
            talk.blocked()
        talk.start(self._started)

    def _refuse(self, error: OpenAIError) -> None:
        ask = self._ask
        own = answers.own_headers(ask.request_id, ask.revision, None, 0)
        if ask.trace is not None:
            own = (*own, answers.traced(ask.trace, self._charge.skipped))
        self._client.answer(error.status, (*error.response_headers(), *own), ask.row.errors.body(error))
        self._end(error.status, Ending.REFUSED)

    # --- from who serves it ---------------------------------------------------------------------------------

    def over(self, outcome: Outcome) -> None:
        if self._told:
            return
        self._told = True
        charge = self._charge
        charge.over(outcome, self._now())
        self._talk = None  # it holds this object in turn
        if charge.skipped:
            outcome = replace(outcome, skipped=(*charge.skipped, *outcome.skipped))
        self._books.over(outcome)

    def bug(self, error: Exception) -> None:
        """Nobody knows what was used: what was reserved stays taken."""
        if self._told:
            return
        self._told = True
        self._charge.over(None, self._now())
        self._talk = None
        self._books.bug(error)

    def _end(self, status: int, ending: Ending) -> None:
        """Nobody was asked."""
        self.over(Outcome(status, ending, (), None, self._ask.revision, self._now() - self._started))
