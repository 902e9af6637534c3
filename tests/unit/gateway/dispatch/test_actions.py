from dataclasses import FrozenInstanceError

import pytest

from reconciler.gateway.dispatch.actions import CLIENT_GONE, Abort, Attempt, Ending, Finish, Outcome, SendHead


def test_actions_are_values() -> None:
    """Scripts compare them, and the driver keeps them in queues."""
    assert SendHead(200, ()) == SendHead(200, ())
    assert SendHead(200, ()) != SendHead(201, ())
    assert len({Finish(), Finish(), Abort()}) == 2
    with pytest.raises(FrozenInstanceError):
        SendHead(200, ()).status = 500  # type: ignore[misc]  # what is tested


def test_the_words_of_logs_and_metrics() -> None:
    """Dashboards are made of them."""
    assert [ending.value for ending in Ending] == ["complete", "refused", "broken", "gone"]
    assert CLIENT_GONE == 499


def test_what_is_not_known_is_not_made_up() -> None:
    attempt = Attempt("p", "b")
    assert (attempt.failure, attempt.reason, attempt.status, attempt.first_byte) == (None, "", None, None)
    outcome = Outcome(CLIENT_GONE, Ending.GONE, (attempt,), None, 7, 0.5)
    assert (outcome.first_byte, outcome.usage) == (None, None)
