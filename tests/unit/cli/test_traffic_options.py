from datetime import UTC, datetime

import click
import pytest
from fakes.store import SteppingClock

from reconciler.cli.moments import Moment
from reconciler.cli.session import Session
from reconciler.cli.traffic_options import Filters, filter_options, sought
from reconciler.gateway.dispatch.outcome import Ending
from reconciler.store.traffic_query import ENDINGS, SoughtRequests

NONE = Filters(
    model=None,
    provider=None,
    status=None,
    endpoint=None,
    in_session=None,
    client=None,
    since=None,
    until=None,
)


@click.command
@filter_options(since="24h")
def command(**filters: object) -> dict[str, object]:
    return filters


def parsed(*arguments: str) -> dict[str, object]:
    result = command.main(arguments, standalone_mode=False)
    assert isinstance(result, dict)
    return result


def test_without_options_everything_since_then_fits() -> None:
    told = parsed()
    assert told.pop("since") != NONE["since"]
    assert told == {name: value for name, value in NONE.items() if name != "since"}


@pytest.mark.parametrize(
    ("status", "statuses", "failed"),
    [
        ("429", ((429, 429),), False),
        ("5xx", ((500, 599),), False),
        ("ok", ((200, 399),), False),
        ("4xx,502", ((400, 499), (502, 502)), False),
        ("failed", (), True),
    ],
)
def test_a_status_is_a_number_a_class_or_a_word(
    status: str, statuses: tuple[tuple[int, int], ...], failed: bool
) -> None:
    assert parsed("--status", status)["status"] == status
    filters = Filters(**{**NONE, "status": status})
    found = sought(Session({}), filters)
    assert (found.statuses, found.failed) == (statuses, failed)


@pytest.mark.parametrize("status", ["600", "5x", "", "ok,", "failed,429", "ok,failed"])
def test_what_is_no_status(status: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is no status|stands alone"):
        parsed("--status", status)


def test_an_ending_is_one_too_alone_or_beside_a_status() -> None:
    assert {each.value for each in Ending} == set(ENDINGS)
    for word in ENDINGS:
        assert parsed("--status", word)["status"] == word
    filters = NONE.copy()
    filters["status"] = "gone,5xx"
    found = sought(Session({}), filters)
    assert (found.statuses, found.endings, found.failed) == (((500, 599),), ("gone",), False)


def test_all_that_is_told_is_sought() -> None:
    session = Session({}, namespace="team-a", clock=SteppingClock())
    since = Moment(at=datetime(2026, 1, 1, tzinfo=UTC))
    until = Moment(at=datetime(2026, 1, 2, tzinfo=UTC))
    filters = Filters(
        model="m",
        provider="p",
        status=None,
        endpoint="chat",
        in_session="s",
        client="c",
        since=since,
        until=until,
    )
    assert sought(session, filters) == SoughtRequests(
        "m", "p", (), False, "chat", "s", "team-a", "c", 1_767_225_600_000, until=1_767_312_000_000
    )
