from pathlib import Path

from fakes.recorded import HOUR, recorded
from fakes.traffic import NOW

from reconciler.resources.principal import Role
from reconciler.store.traffic_sessions import session_id


def test_a_session_that_others_named_alike_is_not_meant_by_its_name(tmp_path: Path) -> None:
    """Two clients say `s`: only an id tells whose it is."""
    with recorded(tmp_path) as asked:
        assert asked.get("/v1/sessions/s").status_code == 404
        ids = [session_id("default", "ada", "s"), session_id("team-a", "bob", "s")]
        told = [asked.get(f"/v1/sessions/{each}").json() for each in ids]
        assert [each["client"] for each in told] == ["ada", "bob"]


def test_a_part_ends_where_it_began_or_where_it_is_asked_to(tmp_path: Path) -> None:
    with recorded(tmp_path) as asked:
        assert asked.get(f"/v1/requests?until={NOW - 1}").json()["total"] == 1
        assert asked.get(f"/v1/requests?continue={NOW - HOUR + 1}.0").json()["total"] == 1


def test_a_name_that_nothing_can_have_is_refused(tmp_path: Path) -> None:
    with recorded(tmp_path) as asked:
        assert asked.as_(Role.VIEWER).get(f"/v1/sessions/{'x' * 2000}").status_code == 400
