from dataclasses import replace

import pytest
from fakes.conversation import ask
from fakes.serving import candidate

from reconciler.gateway.dispatch.patience import for_first_bytes, for_silence, lateness, never_asked, too_late
from reconciler.gateway.transport.base import Failure
from reconciler.snapshot.model import Candidate, Policy, Timeouts


def having(timeouts: Timeouts) -> Candidate:
    return replace(candidate("a"), timeouts=timeouts)


@pytest.mark.parametrize(
    ("stream", "first_byte", "policy", "seconds"),
    [
        (False, None, None, 100.0),
        (False, 10.0, None, 100.0),
        (True, None, None, 100.0),
        (True, 10.0, None, 10.0),
        (True, 10.0, Policy(first_byte=3.0), 3.0),
        (False, None, Policy(first_byte=3.0), 3.0),
        (False, None, Policy(total=3.0), 100.0),
    ],
)
def test_how_long_first_bytes_may_take(
    stream: bool, first_byte: float | None, policy: Policy | None, seconds: float
) -> None:
    asked = ask("a", stream=stream)
    asked.policy = policy
    found = having(Timeouts(5.0, 100.0, first_byte))
    assert for_first_bytes(asked, found) == seconds
    assert lateness(asked, found, sent=False, streaming=False) == f"took more than {seconds:g} s"


@pytest.mark.parametrize(("idle", "seconds"), [(None, 100.0), (4.0, 4.0)])
def test_how_long_a_stream_may_be_silent(idle: float | None, seconds: float) -> None:
    found = having(Timeouts(5.0, 100.0, None, idle))
    assert for_silence(found) == seconds
    said = lateness(ask("a", stream=True), found, sent=True, streaming=True)
    assert said == f"sent nothing for {seconds:g} s"


def test_what_a_whole_answer_may_take() -> None:
    assert (
        lateness(ask("a"), having(Timeouts(5.0, 7.5)), sent=True, streaming=False) == "took more than 7.5 s"
    )
    late = ask("a")
    late.policy = Policy(total=2.5)
    assert too_late(late) == (
        Failure.TIMEOUT,
        "the request took more than the 2.5 s that its Route gives it",
        "2.5 s that its Route gives",
    )
    late.policy = Policy(total=2.5, by_settings=True)
    assert (
        too_late(late)[1]
        == "the request took more than the 2.5 s that execution.timeout of the Settings gives it"
    )
    late.cut = Failure.REVOKED
    assert too_late(late) == (Failure.REVOKED, "the key of the request is accepted no more", None)


def test_one_that_waited_for_its_turn_is_told_why_it_is_over() -> None:
    late = ask("a")
    late.policy = Policy(total=2.5)
    told = never_asked(late)
    assert (told.status, told.code) == (504, "route_timeout")
    assert "longer than the 2.5 s that its Route gives a request." in told.message
    late.policy = Policy(total=2.5, by_settings=True)
    assert "the 2.5 s that execution.timeout of the Settings gives a request." in never_asked(late).message
    late.cut = Failure.REVOKED
    assert never_asked(late).status == 401
