import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.api import Asked
from fakes.recorded import HOUR, recorded
from fakes.store import commit_all, put
from fakes.traffic import NOW, row, write

from reconciler.resources.principal import Role
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.store.traffic_sessions import session_id

ADAS = session_id("default", "ada", "s")


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    with recorded(tmp_path) as made:
        yield made


def ids(asked: Asked, path: str) -> list[str]:
    told = asked.get(path).json()
    key = path.partition("?")[0].rpartition("/")[2]
    return [each["id"] for each in told[key]]


def test_the_newest_requests_come_first_in_parts(asked: Asked) -> None:
    whole = asked.get("/v1/requests").json()
    assert [each["id"] for each in whole["requests"]] == [f"req-{number}" for number in (5, 4, 3, 2, 1)]
    assert (whole["count"], whole["total"], whole["has_more"], "continue" in whole) == (5, 5, False, False)
    part = asked.get("/v1/requests?limit=2").json()
    write(asked.location.traffic_path, row(id="later", time=NOW + 120_000))
    rest = asked.get(f"/v1/requests?limit=9&continue={part['continue']}").json()
    assert [each["id"] for each in rest["requests"]] == ["req-3", "req-2", "req-1"]
    assert (rest["offset"], rest["total"], rest["has_more"]) == (2, 5, False)
    assert ids(asked, "/v1/requests?offset=4") == ["req-1"]


def test_a_request_is_told_by_the_names_of_such_gateways_and_by_ours(asked: Asked) -> None:
    (told,) = asked.get("/v1/requests?status=503").json()["requests"]
    assert told["session_id"] == ADAS
    assert (told["method"], told["path"], told["timestamp"]) == ("POST", "/v1/chat/completions", NOW)
    assert told["response_summary"] == {
        "response_id": "req-2",
        "finish_reason": "error",
        "total_tokens": 30,
        "duration_ms": 12,
        "error": "timeout: took 1 s",
    }
    assert (told["revision"], told["provider"], told["attempts"], told["cost"]) == (3, "q", 1, "0.00003")
    assert "openai_request" not in told


def test_one_request_has_its_response_and_for_operators_its_bodies(asked: Asked) -> None:
    told = asked.operator.get("/v1/requests/req-1").json()
    assert told["openai_request"] == {"model": "m"}
    assert told["response"]["openai_response"] == {"choices": [{"finish_reason": "stop"}]}
    assert told["response"]["finish_reason"] == "stop"
    assert "openai_request" not in asked.viewer.get("/v1/requests/req-1").json()
    cut = asked.get("/v1/requests/req-2").json()
    assert (cut["openai_request"], cut["response"]["openai_response"]) == ('{"mod', "not json")


def test_responses_are_the_same_records_from_the_other_side(asked: Asked) -> None:
    assert ids(asked, "/v1/responses?has_error=true") == ["req-2"]
    assert ids(asked, "/v1/responses?finish_reason=stop") == ["req-1"]
    assert asked.get("/v1/responses?finish_reason=stop").json()["responses"][0]["finish_reason"] == "stop"
    told = asked.get("/v1/responses/req-1").json()
    assert (told["request_id"], told["request"]["id"]) == ("req-1", "req-1")
    assert (told["prompt_tokens"], told["completion_tokens"], told["total_tokens"]) == (10, 20, 30)
    assert asked.get("/v1/responses/request/req-1").json() == told
    of_session = asked.get(f"/v1/responses/session/{ADAS}").json()
    assert [each["id"] for each in of_session["responses"]] == ["req-2", "req-1"]


def test_a_session_is_one_clients(asked: Asked) -> None:
    told = asked.get("/v1/sessions").json()
    assert {(each["session"], each["client"], each["request_count"]) for each in told["sessions"]} == {
        ("s", "ada", 2),
        ("s", "bob", 1),
        ("conv-1", "bob", 1),
    }
    assert len({each["id"] for each in told["sessions"]}) == 3
    one = asked.get(f"/v1/sessions/{ADAS}").json()
    assert (one["created_at"], one["last_accessed"], one["failed_count"]) == (NOW - HOUR, NOW, 1)
    assert one["expires_at"] == NOW + 7 * 24 * HOUR
    assert ids(asked, f"/v1/sessions/{ADAS}/requests") == ["req-2", "req-1"]
    assert asked.get("/v1/sessions?client=bob&limit=1").json()["has_more"] is True


def test_how_long_a_session_is_kept_is_the_settings_word(asked: Asked) -> None:
    commit_all(
        asked.location.config_path,
        [put(Resource(ResourceKey("Settings", "default", "default"), {"retention": "1h"}))],
    )
    assert asked.get(f"/v1/sessions/{ADAS}").json()["expires_at"] == NOW + HOUR


def test_who_is_held_to_namespaces_sees_theirs_alone(asked: Asked) -> None:
    theirs = asked.as_(Role.VIEWER, namespaces=frozenset({"team-a"}))
    assert ids(theirs, "/v1/requests") == ["req-3"]
    assert len(theirs.get("/v1/sessions").json()["sessions"]) == 1
    assert theirs.get("/v1/requests/req-1").status_code == 404
    assert theirs.get(f"/v1/sessions/{ADAS}").status_code == 404
    assert theirs.get("/v1/requests?namespace=default").status_code == 403
    assert theirs.get("/v1/requests?format=csv").text.count("\r\n") == 2


@pytest.mark.parametrize(
    "path", ["/v1/requests/x", "/v1/responses/x", "/v1/sessions/x", "/v1/sessions/x/stats"]
)
def test_what_is_not_recorded(asked: Asked, path: str) -> None:
    answer = asked.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_all_of_them_as_csv_that_no_spreadsheet_carries_out(asked: Asked) -> None:
    answer = asked.get("/v1/requests?format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="requests.csv"'
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert [each["request_id"] for each in rows] == [f"req-{number}" for number in (1, 2, 3, 4, 5)]
    assert rows[2]["asked"] == "'=cmd()"
    assert rows[1]["error"] == "timeout: took 1 s"
    sessions = list(csv.DictReader(asked.get("/v1/sessions?format=csv").text.splitlines()))
    assert {each["id"] for each in sessions} >= {ADAS}


def test_all_of_them_as_json_lines(asked: Asked) -> None:
    answer = asked.get("/v1/requests?client=ada", accept="application/x-ndjson, */*")
    assert answer.headers["content-type"].startswith("application/jsonl")
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert [each["id"] for each in told] == ["req-1", "req-2"]
    responses = asked.get("/v1/responses?format=jsonl&limit=1").text.splitlines()
    assert [json.loads(line)["response_id"] for line in responses] == ["req-1"]
    assert len(asked.get("/v1/sessions?format=jsonl").text.splitlines()) == 3
    assert asked.get("/v1/responses?format=csv&status=none").status_code == 400


def test_an_export_has_no_parts(asked: Asked) -> None:
    assert asked.get("/v1/requests?format=csv&offset=1").status_code == 400
    assert asked.get("/v1/requests?format=xml").status_code == 400


def test_records_that_cannot_be_read_are_a_problem_and_no_stream(asked: Asked) -> None:
    asked.location.traffic_path.write_bytes(b"no database" * 500)
    answer = asked.get("/v1/requests?format=csv")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")


def test_whoever_asks_for_the_head_of_an_export_gets_no_more(asked: Asked) -> None:
    answer = asked.ask("HEAD", "/v1/requests?format=csv")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/csv")
