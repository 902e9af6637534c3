from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.api import Asked
from fakes.recorded import HOUR, recorded
from fakes.store import commit_all, provider, put
from fakes.traffic import NOW, row, write

from reconciler.resources.principal import Role
from reconciler.store.traffic_sessions import session_id

ADAS = session_id("default", "ada", "s")


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    with recorded(tmp_path) as made:
        yield made


def test_requests_are_summed_up_by_what_is_asked_for(asked: Asked) -> None:
    told = asked.get("/v1/statistics?by=client,status").json()
    assert told["by"] == ["client", "status"]
    first = told["items"][0]
    assert (first["client"], first["status"], first["requests"], first["unpriced"]) == ("bob", 200, 2, 1)
    assert first["duration_us"] == {"p50": 12_345, "p95": 12_345, "p99": 12_345}
    by_default = asked.get("/v1/statistics?provider=q").json()
    assert [(each["provider"], each["model"], each["failed"]) for each in by_default["items"]] == [
        ("q", "m", 1)
    ]
    assert asked.get("/v1/statistics?by=hour").json()["items"][0]["hour"] == "2026-09-21T13:00:00Z"
    assert asked.get("/v1/statistics?by=colour").status_code == 400


def test_statistics_are_of_what_may_be_seen(asked: Asked) -> None:
    theirs = asked.as_(Role.VIEWER, namespaces=frozenset({"team-a"}))
    assert [each["requests"] for each in theirs.get("/v1/statistics?by=client").json()["items"]] == [1]


def test_what_responses_and_sessions_come_to(asked: Asked) -> None:
    assert asked.get("/v1/responses/stats").json() == {
        "total_responses": 5,
        "total_prompt_tokens": 40,
        "total_completion_tokens": 80,
        "total_tokens": 120,
        "avg_duration_ms": 12,
        "success_rate": 80,
    }
    of_session = asked.get(f"/v1/sessions/{ADAS}/stats").json()
    assert (of_session["session_id"], of_session["request_count"]) == (ADAS, 2)
    assert of_session["usage"]["success_rate"] == 50
    assert asked.get("/v1/responses/stats?model=none").json()["success_rate"] == 0


@pytest.mark.parametrize("base", ["/v1", "/api/v1"])
def test_the_activity_is_a_feed(asked: Asked, base: str) -> None:
    told = asked.get(f"{base}/activity/recent?limit=4").json()
    assert (told["total"], told["limit"]) == (4, 4)
    failed = told["activities"][3]
    assert (failed["action"], failed["timestamp"], failed["timestamp_ms"]) == ("failed", "1 minute ago", NOW)
    assert failed["description"] == "chat request (model: m)"
    assert failed["metadata"]["error"] == "timeout: took 1 s"
    assert failed["metadata"]["session_id"] == ADAS
    assert asked.get(f"{base}/activity/recent").json()["limit"] == 20


def test_numbers_of_a_dashboard(asked: Asked) -> None:
    commit_all(asked.location.config_path, [put(provider("a"))])
    write(asked.location.traffic_path, row(id="old", time=NOW - 30 * HOUR))
    assert asked.get("/api/v1/activity/stats").json()["stats"] == {
        "total_api_requests": 6,
        "avg_response_time_ms": 12,
        "active_sessions": 3,
        "recent_errors": 1,
        "total_providers": 1,
        "total_models": 0,
        "requests_last_hour": 4,
        "requests_last_day": 5,
        "success_rate_percent": 80,
    }


def test_of_nothing(asked: Asked) -> None:
    asked.location.traffic_path.unlink()
    stats = asked.get("/v1/activity/stats").json()["stats"]
    assert (stats["total_api_requests"], stats["success_rate_percent"]) == (0, 100)
