from reconciler.gateway.routing.retry_budget import FLOOR, SHARE, WINDOW, RetryBudget


def test_so_many_are_always_allowed_and_again_when_the_window_is_over() -> None:
    budget = RetryBudget()
    assert [budget.take(0.0) for _ in range(FLOOR + 1)] == [True] * FLOOR + [False]
    assert not budget.take(WINDOW * 0.8)
    assert budget.take(WINDOW * 1.1)


def test_many_requests_allow_their_share() -> None:
    budget = RetryBudget()
    for _ in range(5000):
        budget.request(1.0)
    assert sum(budget.take(1.0) for _ in range(5000)) == 5000 * SHARE


def test_a_client_that_asks_ten_times_a_second_may_always_fail_over() -> None:
    budget = RetryBudget()
    for tenth in range(1000):
        budget.request(tenth / 10)
        assert budget.take(tenth / 10)


def test_what_rivals_are_sent_counts_as_retries_and_not_as_requests() -> None:
    budget = RetryBudget()
    rivals = budget.of_rivals()
    for _ in range(5000):
        rivals.request(1.0)
    assert sum(rivals.take(1.0) for _ in range(60)) == 60
    assert sum(budget.take(1.0) for _ in range(5000)) == FLOOR - 60
    assert not rivals.take(1.0)
