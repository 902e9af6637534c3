from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.routing.retry_budget import RetryBudget


def test_the_same_memory_may_count_retries_elsewhere() -> None:
    memory, retries = Memory(), RetryBudget()
    other = memory.with_retries(retries)
    assert (other.retries, memory.retries is retries) == (retries, False)
    assert other.breakers is memory.breakers
    assert other.balance is memory.balance
    assert (other.usage_refusals, other.limiters) == (memory.usage_refusals, memory.limiters)


def test_each_worker_has_its_own() -> None:
    one, other = Memory(), Memory()
    assert one.breakers is not other.breakers
    assert one.retries is not other.retries
    assert one.usage_refusals is not other.usage_refusals
