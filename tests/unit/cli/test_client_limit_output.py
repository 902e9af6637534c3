from contextlib import closing
from pathlib import Path

from fakes.limits import Time
from fakes.spending import Spent
from fakes.states import stored
from fakes.store import provider

from reconciler.cli.client_limit_output import client_lines
from reconciler.json_types import JsonValue
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.store.leases import Counter, Wish
from reconciler.store.ledger import Ledger

MONTH = Counter(
    "ClientKey/ci budgets.month.amount", 25 * 10**9, 31 * 86_400.0, calendar=True, aligned="month"
)
RESERVED = (
    "  tokens and money: what the requests under way take beyond what was reserved for them, which is a token for each",
    "    four bytes of a prompt, and for an answer its max_tokens, or 256 where it sets none",
)
HELD = "($1.00 of it held ready by workers); begins anew at 2096-11-01T00:00:00Z"
FAR = 4_000_000_000.0
"""Later than the files of tests are made."""


def client_key(**spec: JsonValue) -> StoredResource:
    return stored(Resource(ResourceKey("ClientKey", "default", "ci"), spec))


def state(**models: JsonValue) -> State:
    found = [
        stored(Resource(ResourceKey("Model", "default", name), spec if isinstance(spec, dict) else {}))
        for name, spec in models.items()
    ]
    return State(found)


def test_nothing_is_said_of_one_without_limits_and_of_other_kinds(tmp_path: Path) -> None:
    path, time = tmp_path / "none.db", Time()
    assert [*client_lines(client_key(), state(), Spent(path, time), time.now())] == []
    limited = stored(provider("p", limits={"maxConcurrent": 1}))
    assert [*client_lines(limited, state(), Spent(path, time), time.now())] == []


def test_each_limit_with_its_use_and_what_is_left_and_when_it_comes_back(tmp_path: Path) -> None:
    path, time = tmp_path / "s-records.db", Time(1000.0, FAR)
    with closing(Ledger(path, "w", time)) as ledger:
        slots, minute = (
            Counter("ClientKey/ci maxConcurrent", 8),
            Counter("ClientKey/ci requestsPerMinute", 60, 60.0),
        )
        ledger.exchange([Wish(slots, wanted=3), Wish(minute, wanted=5), Wish(MONTH, wanted=2 * 10**9)])
        ledger.exchange(
            [
                Wish(slots, used=2, keep=1),
                Wish(minute, held=5, spent=5),
                Wish(MONTH, held=2 * 10**9, spent=10**9, keep=10**9),
            ]
        )
    key = client_key(
        limits={"maxConcurrent": 8, "requestsPerMinute": 60, "requestsPerDay": 9},
        budgets=[{"window": "month", "amount": "25.00"}],
    )
    models = state(
        m={"maxOutputTokens": 1256, "pricing": {"input": "1", "output": "10"}}, small={"maxOutputTokens": 9}
    )
    assert [*client_lines(key, models, Spent(path, time), time.now())] == [
        "Limits, over all workers:",
        "  maxConcurrent: 8, 2 in use, 6 left",
        "  requestsPerMinute: 60, 5 used within the last minute, 55 left; all of it is back at 2096-10-02T07:24:20Z",
        "  requestsPerDay: 9, 0 used within the last 24 hours, 9 left; nothing is to come back",
        f"  budgets.month.amount: $25.00, $1.00 used in this month, $24.00 left {HELD}",
        "At worst they are exceeded by:",
        "  requests: nothing",
        *RESERVED,
        "    for each request without max_tokens: 1,000 tokens, $0.01",
        "    for all 8 that may be under way: 8,000 tokens, $0.08",
    ]


def test_a_window_of_which_not_all_is_known_is_told(tmp_path: Path) -> None:
    path, time = tmp_path / "s-records.db", Time(0.0, 0.0)
    Ledger(path, "w", time).exchange([Wish(MONTH, wanted=1)])
    key = client_key(budgets=[{"window": "month", "tokens": 5}])
    (told,) = (
        line for line in client_lines(key, state(), Spent(path, time), time.now()) if "counted since" in line
    )
    assert told.endswith("the records' file was made then, and knows of nothing before it")


def test_of_models_that_it_may_use_one_without_a_bound_is_named(tmp_path: Path) -> None:
    key = client_key(models=["a*", "fast"], budgets=[{"window": "day", "tokens": 5}])
    models = state(aa={}, other={}, b={"aliases": ["fast"], "maxOutputTokens": 300})
    lines = [*client_lines(key, models, Spent(tmp_path / "none.db", Time()), Time().now())]
    assert lines[-1] == "    without a known bound: of aa no maxOutputTokens is declared"
    bounded = {key: model for key, model in models.items() if key.name == "b"}
    alone = [*client_lines(key, State(bounded.values()), Spent(tmp_path / "none.db", Time()), Time().now())]
    assert alone[-1] == "    for each request without max_tokens: 44 tokens"


def test_requests_alone_are_never_exceeded(tmp_path: Path) -> None:
    lines = [
        *client_lines(
            client_key(limits={"requestsPerHour": 5}),
            state(),
            Spent(tmp_path / "none.db", Time()),
            Time().now(),
        )
    ]
    assert lines[-1] == "  requests: nothing"
