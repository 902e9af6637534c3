import pytest

from reconciler.gateway.dispatch.faults import of_answer, of_failure, of_refusal
from reconciler.gateway.routing.circuits import Fault
from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.failures import NOT_HTTP, TOO_LARGE

RESET = (("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "12s"))


NOBODYS = {Failure.STOPPING, Failure.REVOKED}


@pytest.mark.parametrize("failure", [each for each in Failure if each not in NOBODYS])
def test_who_can_not_be_reached_can_not_be_for_any_model(failure: Failure) -> None:
    fault = of_failure(failure, "the connection broke")
    assert fault is not None
    assert fault.whole is (failure in {Failure.CONNECT, Failure.EGRESS})


@pytest.mark.parametrize("failure", sorted(NOBODYS, key=str))
def test_what_the_gateway_ends_itself_is_nobodys_fault(failure: Failure) -> None:
    assert of_failure(failure, "answered with a web page") is None


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("the connection broke: connection reset by peer", "broke off its answer"),
        ("", "broke off its answer"),
        ("answered with a web page", "answered with a web page"),
        ("answered with status 302", "answered with status 302"),
        (NOT_HTTP, "answered with what is no valid HTTP"),
        (TOO_LARGE, "answered with a head or trailer that is too large"),
    ],
)
def test_an_answer_that_is_none_did_not_break_off(reason: str, told: str) -> None:
    assert of_failure(Failure.BROKEN, reason) == Fault(told)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
def test_what_may_be_the_requests_own_fault_is_none(status: int) -> None:
    assert of_refusal(status, ()) is None


@pytest.mark.parametrize(
    ("status", "headers", "fault"),
    [
        (401, (), Fault("status 401", True)),
        (503, (("retry-after", "7"),), Fault("status 503", False, 7)),
        (503, RESET, Fault("status 503")),
        (429, (), Fault("status 429", False, None, True)),
        (429, RESET, Fault("status 429", False, 12.0, True)),
        (429, (("retry-after", "3"), *RESET), Fault("status 429", False, 3, True)),
    ],
)
def test_a_refusal_says_how_long(status: int, headers: tuple[tuple[str, str], ...], fault: Fault) -> None:
    assert of_refusal(status, headers) == fault


def test_an_answer_may_be_the_last_for_a_while() -> None:
    assert of_answer(RESET) == Fault("its rate limit is used up", False, 12.0, True)
    assert of_answer((*RESET[:1], ("x-ratelimit-reset-tokens", "900ms"))) is None
    assert of_answer((("content-type", "application/json"),)) is None
