"""How long each part of a request may take, and the words for what took longer. Seconds."""

from math import inf

from reconciler.gateway.dispatch.ask import Ask
from reconciler.gateway.transport.base import Failure
from reconciler.protocol.errors import OpenAIError, key_revoked, turn_too_late
from reconciler.snapshot.model import Candidate


def for_first_bytes(ask: Ask, candidate: Candidate) -> float:
    """Of an answer, from the begin of its attempt on. The Route's word stands before the provider's."""
    policy, timeouts = ask.policy, candidate.timeouts
    if policy is not None and policy.first_byte is not None:
        return policy.first_byte
    first = timeouts.first_byte if ask.body.stream else None
    return timeouts.total if first is None else first


def for_silence(candidate: Candidate) -> float:
    """Between two pieces of a stream."""
    timeouts = candidate.timeouts
    return timeouts.total if timeouts.idle is None else timeouts.idle


def lateness(ask: Ask, candidate: Candidate, *, sent: bool, streaming: bool) -> str:
    """What took too long, for the log."""
    if not sent:
        return f"took more than {for_first_bytes(ask, candidate):g} s"
    if streaming:
        return f"sent nothing for {for_silence(candidate):g} s"
    return f"took more than {candidate.timeouts.total:g} s"


def never_asked(ask: Ask) -> OpenAIError:
    """It is over before anybody was asked: it still waited for its turn."""
    return turn_too_late(ask.model, _given(ask)) if ask.cut is None else key_revoked()


def _given(ask: Ask) -> str:
    """What the whole request has, and who says so."""
    policy = ask.policy
    total = inf if policy is None or policy.total is None else policy.total
    by_settings = policy is not None and policy.by_settings
    return f"{total:g} s that {'execution.timeout of the Settings' if by_settings else 'its Route'} gives"


def too_late(ask: Ask) -> tuple[Failure, str, str | None]:
    """Why the request is over whoever is asked; the time that it had, and by whom, where it is for that."""
    if ask.cut is not None:
        return ask.cut, "the key of the request is accepted no more", None
    given = _given(ask)
    return Failure.TIMEOUT, f"the request took more than the {given} it", given
