from reconciler.gateway.limits.counters import MEASURES, OF_MONEY, OF_TOKENS, ONE, Measure, counter, counters
from reconciler.snapshot.limits import Limits
from reconciler.store.leases import Counter


def test_each_limit_is_a_counter_of_the_store() -> None:
    found = counters(Limits("Provider/p", 1, 4, None, 1000))
    assert found == {
        "maxConcurrent": Counter("Provider/p maxConcurrent", 4),
        "tokensPerMinute": Counter("Provider/p tokensPerMinute", 1000, 60.0),
    }


def test_so_are_those_of_a_client() -> None:
    others = (("requestsPerDay", 5), ("budgets.month.amount", 7))
    found = counters(Limits("ClientKey/c", 1, others=others))
    assert found == {
        "requestsPerDay": Counter("ClientKey/c requestsPerDay", 5, 86_400.0, calendar=True),
        "budgets.month.amount": Counter(
            "ClientKey/c budgets.month.amount", 7, 31 * 86_400.0, calendar=True, aligned="month"
        ),
    }
    assert found["requestsPerDay"] == counter("ClientKey/c", "requestsPerDay", 5)


def test_a_name_says_what_is_counted_and_how_long() -> None:
    assert MEASURES["maxConcurrent"] == Measure(ONE, 0.0)
    assert MEASURES["tokensPerHour"] == Measure(OF_TOKENS, 3600.0, calendar=True)
    assert MEASURES["requestsPerMinute"] == Measure(ONE, 60.0)
    assert MEASURES["budgets.week.tokens"] == Measure(OF_TOKENS, 604_800.0, calendar=True, aligned="week")
    assert MEASURES["budgets.hour.amount"] == Measure(OF_MONEY, 3600.0, calendar=True, aligned="hour")
    assert len(MEASURES) == 1 + 6 + 8
