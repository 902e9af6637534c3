from reconciler.control.backoff import Backoff, Pace


def test_each_failure_doubles_the_wait_up_to_the_most() -> None:
    backoff = Backoff(10.0, 60.0, lambda: 1.0)
    assert [backoff.failed() for _ in range(5)] == [10.0, 20.0, 40.0, 60.0, 60.0]


def test_chance_takes_up_to_half_of_it() -> None:
    assert Backoff(10.0, 60.0, lambda: 0.0).failed() == 5.0
    assert Backoff(10.0, 60.0, lambda: 0.5).failed() == 7.5


def test_a_success_begins_anew() -> None:
    backoff = Backoff(10.0, 60.0, lambda: 1.0)
    for _ in range(3):
        backoff.failed()
    backoff.succeeded()
    assert backoff.failed() == 10.0


def test_a_thousand_failures_are_no_number_too_large() -> None:
    backoff = Backoff(10.0, 60.0, lambda: 1.0, failures=5000)
    assert backoff.failed() == 60.0


def test_a_loop_keeps_its_pace_and_backs_off_while_it_fails() -> None:
    pace = Pace(30.0, Backoff(1.0, 60.0, lambda: 1.0))
    waits = [pace.seconds()]
    for failed in (True, True, True, False, True):
        pace.note(failed=failed)
        waits.append(pace.seconds())
    assert waits == [30.0, 1.0, 2.0, 4.0, 30.0, 1.0]
