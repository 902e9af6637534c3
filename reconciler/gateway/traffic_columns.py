"""Entries of the outbox as columns of the traffic's file. Each request pays for what is done here, after its answer.

What one call does for all of them costs least, and a comprehension little; a function called for each is for what is
out of the ordinary.
"""

import json
from collections.abc import Callable, Sequence
from typing import TypeAlias

from reconciler.gateway.counting import MICROS
from reconciler.gateway.dispatch.outcome import Ending, Outcome
from reconciler.gateway.openings import opening, session_name
from reconciler.gateway.telemetry import OPENINGS, own_seconds
from reconciler.gateway.traffic_costs import Costs
from reconciler.resources.resource import DEFAULT_NAMESPACE
from reconciler.snapshot.clients import Client as Caller
from reconciler.store.traffic_batch import UNITS, Columns

Fields: TypeAlias = tuple[object, ...]
"""An Entry, or its fields in their order."""

_OPENINGS_A_SECOND = 4 * OPENINGS
"""Of a busy worker the others have no derived session."""
_WORDS = {ending: ending.value for ending in Ending}


class Columnist:
    """Of one worker, for one thread. `session_key` is asked for where a session gets its name by it."""

    def __init__(self, instance: str, costs: Costs, session_key: Callable[[], bytes]) -> None:
        self._instance = instance
        self._costs = costs
        self._session_key = session_key
        self._openings = float(OPENINGS)

    def passed(self, seconds: float) -> None:
        """So many openings more may be looked at, which take longer than all the rest."""
        self._openings = min(OPENINGS, self._openings + seconds * _OPENINGS_A_SECOND)

    def columns(self, entries: Sequence[Fields]) -> Columns:
        """There is at least one entry."""
        ended, ids, endpoints, models, outcomes, asked, streams, named, tapes, callers, openings = zip(
            *entries, strict=True
        )
        usages = [outcome.usage for outcome in outcomes]
        revisions = [outcome.revision for outcome in outcomes]
        clients, namespaces, metadata = zip(*_clients(callers), strict=True)
        bindings, trails, owns = _ways(outcomes)
        return {
            "id": ids,
            "time": [
                int((end - outcome.seconds) * 1000) for end, outcome in zip(ended, outcomes, strict=True)
            ],
            "instance": [self._instance] * len(entries),
            "namespace": namespaces,
            "revision": revisions,
            "endpoint": endpoints,
            "asked": asked,
            "model": models,
            "provider": [outcome.provider for outcome in outcomes],
            "binding": bindings,
            "status": [outcome.status for outcome in outcomes],
            "ending": [_WORDS[outcome.ending] for outcome in outcomes],
            "stream": [1 if stream else 0 for stream in streams],
            "attempts": [len(outcome.attempts) for outcome in outcomes],
            "trail": trails,
            "tokens_in": [None if usage is None else usage.prompt_tokens for usage in usages],
            "tokens_out": [None if usage is None else usage.completion_tokens for usage in usages],
            "estimated": [1 if usage is not None and usage.estimated else 0 for usage in usages],
            UNITS: self._costs.of(zip(revisions, namespaces, bindings, strict=True), usages),
            "duration": [int(outcome.seconds * MICROS) for outcome in outcomes],
            "first_byte": [
                None if outcome.first_byte is None else int(outcome.first_byte * MICROS)
                for outcome in outcomes
            ],
            "own": owns,
            "session": self._sessions(endpoints, named, callers, openings),
            "client": clients,
            "trace": [
                None if tape is None or tape.trace is None else f"{tape.trace.trace_id:032x}"
                for tape in tapes
            ],
            "metadata": metadata,
            "finish_reason": [outcome.finish_reason for outcome in outcomes],
        }

    def _sessions(
        self,
        endpoints: Sequence[str],
        named: Sequence[str | None],
        callers: Sequence[Caller | None],
        openings: Sequence[bytes | None],
    ) -> list[str | None]:
        """The client's own word, or else how the conversation begins; never the latter where nobody knows whose it is."""
        told = [*named]
        if openings.count(None) == len(openings) or self._openings < 1:
            return told
        key: bytes | None = None
        for place, (begun, caller) in enumerate(zip(openings, callers, strict=True)):
            if begun is None or caller is None or told[place] is not None or self._openings < 1:
                continue
            self._openings -= 1
            said = opening(endpoints[place], begun)
            if said is not None:
                key = key or self._session_key()
                told[place] = session_name(key, caller.key, said)
        return told


_Client: TypeAlias = tuple[str | None, str, str | None]


def _clients(callers: Sequence[Caller | None]) -> list[_Client]:
    """Of each: there are few. They are told apart as objects, for to compare them takes longer."""
    which = list(map(id, callers))
    told = {each: _client(caller) for each, caller in dict(zip(which, callers, strict=True)).items()}
    return list(map(told.__getitem__, which))


def _client(caller: Caller | None) -> _Client:
    """Name, namespace, and what its ClientKey says of it."""
    if caller is None:
        return None, DEFAULT_NAMESPACE, None
    told = json.dumps(dict(caller.metadata), separators=(",", ":")) if caller.metadata else None
    return caller.name, caller.key.namespace, told


_Ways: TypeAlias = tuple[list[str | None], list[str | None], list[int | None]]


def _ways(outcomes: Sequence[Outcome]) -> _Ways:
    """Of each the Binding that answered, the trail, and the microseconds that the gateway took for itself."""
    bindings: list[str | None] = []
    trails: list[str | None] = []
    owns: list[int | None] = []
    for outcome in outcomes:
        if len(outcome.attempts) == 1 and not outcome.skipped:
            tried = outcome.attempts[0]
            if (
                tried.status == 200
                and tried.failure is None
                and not tried.beside
                and tried.provider == outcome.provider
            ):
                bindings.append(tried.binding)
                trails.append(None)
                owns.append(int(max(0.0, outcome.seconds - tried.seconds) * MICROS))
                continue
        own = own_seconds(outcome)
        bindings.append(_binding(outcome))
        trails.append(_trail(outcome))
        owns.append(None if own is None else int(own * MICROS))
    return bindings, trails, owns


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
