from reconciler.gateway.endpoints.http import (
    error_response,
    json_response,
    new_request_id,
    not_ready,
    own_headers,
)
from reconciler.snapshot.model import Snapshot


def test_request_ids_differ() -> None:
    assert new_request_id() != new_request_id()


def test_every_answer_tells_request_and_revision() -> None:
    assert own_headers("req-1", Snapshot(5)) == (
        ("x-routerctl-request-id", "req-1"),
        ("x-routerctl-revision", "5"),
    )
    assert own_headers("req-1", None) == (("x-routerctl-request-id", "req-1"),)


def test_responses_bear_their_headers() -> None:
    response = json_response({"a": 1}, (("x-routerctl-revision", "5"),), 201)
    assert (response.status_code, response.body) == (201, b'{"a": 1}')
    assert response.headers["x-routerctl-revision"] == "5"
    refusal = error_response(not_ready(), (("x-routerctl-request-id", "r"),))
    assert refusal.status_code == 503
    assert refusal.headers["retry-after"] == "1"
    assert refusal.headers["content-type"] == "application/json"
