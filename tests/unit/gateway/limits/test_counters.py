from reconciler.gateway.limits.counters import counters
from reconciler.snapshot.limits import Limits


def test_each_limit_is_a_counter_of_the_store() -> None:
    found = counters(Limits("Provider/p", 1, 4, None, 1000))
    assert [(name, *counter) for name, counter in found.items()] == [
        ("maxConcurrent", "Provider/p maxConcurrent", 4, 0.0, False),
        ("tokensPerMinute", "Provider/p tokensPerMinute", 1000, 60.0, False),
    ]
