from dataclasses import replace

from reconciler.gateway.dispatch.outcome import CLIENT_GONE, HEDGE, Attempt, Ending, Outcome, Reason, Skipped


def test_they_are_values() -> None:
    """Books keep them, and compare what was skipped."""
    assert Skipped("p", "b", Reason.RATE_LIMITED) == Skipped("p", "b", Reason.RATE_LIMITED)
    assert Skipped("p", "b", Reason.RATE_LIMITED) != Skipped("p", "b", Reason.CIRCUIT_OPEN)
    assert Attempt("p", "b") == Attempt("p", "b")
    assert Attempt("p", "b") != Attempt("p", "b", beside=HEDGE)
    outcome = Outcome(200, Ending.COMPLETE, (Attempt("p", "b"),), "p", 7, 0.5)
    assert outcome == Outcome(200, Ending.COMPLETE, (Attempt("p", "b"),), "p", 7, 0.5)
    assert outcome != replace(outcome, status=500)
    assert replace(outcome, skipped=()) == outcome


def test_the_words_of_logs_and_metrics() -> None:
    """Dashboards are made of them."""
    assert [ending.value for ending in Ending] == ["complete", "refused", "broken", "gone"]
    assert [reason.value for reason in Reason] == [
        "circuit_open",
        "rate_limited",
        "retry_budget",
        "slow_start",
        "unhealthy",
        "saturated",
        "limit_reached",
        "no_price",
        "not_supported",
    ]
    assert CLIENT_GONE == 499


def test_what_is_not_known_is_not_made_up() -> None:
    attempt = Attempt("p", "b")
    assert (attempt.failure, attempt.reason, attempt.status, attempt.first_byte) == (None, "", None, None)
    assert attempt.seconds == 0.0
    outcome = Outcome(CLIENT_GONE, Ending.GONE, (attempt,), None, 7, 0.5)
    assert (outcome.first_byte, outcome.usage, outcome.skipped) == (None, None, ())
