from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.api import Asked
from fakes.recorded import recorded
from fakes.traffic import NOW

from reconciler.resources.principal import Role
from reconciler.store.audit import rows
from reconciler.store.traffic_query import SoughtRequests, TrafficReader
from reconciler.store.traffic_sessions import session_id

ADAS = session_id("default", "ada", "s")


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    with recorded(tmp_path) as made:
        yield made


def left(asked: Asked) -> str:
    found = TrafficReader(asked.location.traffic_path).find(SoughtRequests())
    return "".join(sorted(each.id.removeprefix("req-") for each in found))


def test_one_record_goes_with_its_bodies_and_leaves_a_deed(asked: Asked) -> None:
    told = asked.operator.delete("/v1/requests/req-1").json()
    assert told == {"success": True, "deleted": 1, "bodies": 1, "message": "1 record deleted"}
    assert left(asked) == "2345"
    assert asked.delete("/v1/requests/req-1").status_code == 404
    (deed,) = rows(asked.reader)
    assert (deed.principal, deed.operation, deed.target) == ("token:bob", "records delete", "request req-1")


def test_a_response_is_the_same_record(asked: Asked) -> None:
    assert asked.delete("/v1/responses/req-2").json()["deleted"] == 1
    assert left(asked) == "1345"


def test_a_session_goes_with_all_of_its_requests(asked: Asked) -> None:
    assert asked.delete(f"/v1/sessions/{ADAS}").json()["deleted"] == 2
    assert left(asked) == "345"


@pytest.mark.parametrize(
    ("path", "remaining"),
    [
        ("/v1/requests?client=bob", "125"),
        (f"/v1/requests?until={NOW}", "2345"),
        ("/v1/sessions?client=bob", "125"),
        ("/v1/sessions?since=1d", "5"),
        ("/v1/requests?model=none", "12345"),
    ],
)
def test_those_that_fit_go(asked: Asked, path: str, remaining: str) -> None:
    told = asked.delete(path).json()
    assert told["deleted"] == 5 - len(remaining)
    assert left(asked) == remaining


def test_nothing_is_deleted_without_a_filter_or_by_a_viewer(asked: Asked) -> None:
    assert asked.delete("/v1/requests").status_code == 400
    assert asked.delete("/v1/sessions").status_code == 400
    assert asked.viewer.delete("/v1/requests/req-1").status_code == 403
    assert left(asked) == "12345"


def test_who_is_held_to_namespaces_deletes_theirs_alone(asked: Asked) -> None:
    theirs = asked.as_(Role.OPERATOR, namespaces=frozenset({"team-a"}))
    assert theirs.delete("/v1/requests?until=2027-01-01").json()["deleted"] == 1
    assert theirs.delete("/v1/requests/req-1").status_code == 404
    assert left(asked) == "1245"
