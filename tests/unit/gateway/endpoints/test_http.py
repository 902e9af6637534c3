from reconciler.gateway.endpoints.http import (
    RequestIds,
    error_response,
    json_response,
    new_request_id,
    not_ready,
    own_headers,
)
from reconciler.snapshot.model import Snapshot


def test_request_ids_differ() -> None:
    assert new_request_id() != new_request_id()


def test_an_id_is_its_process_and_a_number() -> None:
    ids = RequestIds("req-p", 0x1FE)
    assert [ids.new() for _ in range(4)] == [
        "req-p000001fe",
        "req-p000001ff",
        "req-p00000200",
        "req-p00000201",
    ]
    assert RequestIds("req-p", 0xFFFFFFFFFF).new() == "req-pffffffffff"
    many = RequestIds("", 7)
    assert len({many.new() for _ in range(1000)}) == 1000


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
