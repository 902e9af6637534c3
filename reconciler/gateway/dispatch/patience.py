"""How long each part of a request may take, and the words for what took longer. Seconds."""

from reconciler.gateway.dispatch.ask import Ask
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


def all_late(total: float) -> str:
    return f"the request took more than the {total:g} s of its Route"
