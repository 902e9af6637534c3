from fakes.serving import candidate

from reconciler.snapshot.executing import Execution
from reconciler.snapshot.model import Hedge, Policy, RoutedCandidate, Shadow, Split
from reconciler.snapshot.policies import policy, policy_words

OTHER = (RoutedCandidate(candidate("o"), "m"),)


def test_a_route_that_asks_for_nothing_has_none() -> None:
    assert policy({"targets": [{"model": "m"}], "strategy": "weighted"}) is None
    assert policy({"shadow": {"percent": 0}}, OTHER) is None
    assert policy({}, OTHER) is None


def test_what_it_asks_for() -> None:
    found = policy(
        {
            "timeouts": {"total": "90s", "firstByte": 2000},
            "retry": {"attempts": 2, "statuses": [429, 503]},
            "shadow": {"target": {"model": "o"}, "percent": 5},
            "hedge": {"delay": "300ms", "percent": 2},
            "parallelThreshold": 10,
            "maxParallelWorkers": 4,
        },
        OTHER,
    )
    assert found == Policy(
        90.0, 2.0, 2, frozenset({429, 503}), Shadow(OTHER, 5, model="o"), Hedge(0.3, 2), Split(10, 4)
    )


def test_what_is_not_told_has_its_default() -> None:
    found = policy({"shadow": {}, "hedge": {"delay": "1s"}, "parallelThreshold": 10}, OTHER)
    assert found == Policy(shadow=Shadow(OTHER, 100), hedge=Hedge(1.0, 10), split=Split(10, 3))


def test_its_share_is_counted_by_its_route() -> None:
    found = policy({"shadow": {"percent": 5}, "hedge": {"delay": 200}}, OTHER, "default/r")
    assert found == Policy(shadow=Shadow(OTHER, 5, "default/r"), hedge=Hedge(0.2, 10, "default/r"))


def test_a_hedge_of_no_request_is_none() -> None:
    assert policy({"hedge": {"delay": 200, "percent": 0}}) is None


def test_whose_time_it_is() -> None:
    namespace = Execution(timeout=30.0)
    assert policy({}, execution=namespace) == Policy(total=30.0, by_settings=True)
    assert policy({"timeouts": {"total": "5s"}}, execution=namespace) == Policy(total=5.0)


def test_its_words() -> None:
    assert [*policy_words(Policy())] == []
    assert [*policy_words(Policy(attempts=1, retry_on=frozenset()))] == [
        "at most 1 attempt",
        "retries after no status",
    ]
    assert [*policy_words(Policy(shadow=Shadow(OTHER, 5)))] == ["shadow m@o, 5 %"]
