from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes.limits import Time
from fakes.states import stored
from fakes.store import provider

from reconciler.bootstrap.forgotten_spending import JUST_NOW, forgotten_spending
from reconciler.clock import Clock
from reconciler.json_types import JsonValue
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.state import State
from reconciler.store.ledger import counted_since
from reconciler.store.observations import Observations

BUDGET: JsonValue = [{"window": "month", "amount": "1"}]


def state(count: int, **spec: JsonValue) -> State:
    """Of keys that were made at the beginning of 2026."""
    found = [stored(Resource(ResourceKey("ClientKey", "default", f"k{n}"), {**spec})) for n in range(count)]
    return State([*found, stored(provider("p"))])


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "s-records.db"
    with closing(Observations(path)) as observations, observations.writing():
        pass
    return path


def after(records: Path, seconds: float) -> Clock:
    since = counted_since(records)
    assert since is not None
    return Time(0.0, since + seconds)


def test_a_new_file_knows_nothing_of_older_budgets(records: Path) -> None:
    assert forgotten_spending(state(1, budgets=BUDGET), records, after(records, 1.0)) == (
        "the records' file was made just now: budgets begin at zero (ClientKey/k0). If there was one before, what had been "
        "spent by then is not known any more"
    )
    told = forgotten_spending(state(7, budgets=BUDGET), records, after(records, 1.0))
    assert told is not None
    assert "ClientKey/k4 and 2 more)" in told


def test_it_is_told_once_and_of_budgets_alone(records: Path, tmp_path: Path) -> None:
    assert forgotten_spending(state(1, budgets=BUDGET), records, after(records, JUST_NOW + 1)) is None
    assert forgotten_spending(state(1), records, after(records, 1.0)) is None
    assert forgotten_spending(state(1, limits={"requestsPerDay": 1}), records, after(records, 1.0)) is None
    assert forgotten_spending(state(1, budgets=BUDGET), tmp_path / "none.db", Time()) is None


def test_of_a_window_that_began_later_nothing_is_missing(records: Path) -> None:
    since = counted_since(records)
    assert since is not None
    turn = datetime.fromtimestamp(since, UTC).replace(minute=0, second=0) + timedelta(hours=1)
    late = Time(0.0, turn.timestamp())
    told = forgotten_spending(state(1, budgets=[{"window": "hour", "tokens": 1}]), records, late)
    assert told is None
