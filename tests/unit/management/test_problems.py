import json

from reconciler.management.problems import MEDIA_TYPE, guard_refusal, problem


def test_a_problem_has_the_members_of_rfc_9457() -> None:
    assert problem(404, "not_found", "there is no /x here") == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "there is no /x here",
        "code": "not_found",
    }


def test_the_guard_refuses_in_that_shape() -> None:
    headers, body = guard_refusal(421, "host_not_allowed", "use localhost", "/status")
    assert headers == [(b"content-type", MEDIA_TYPE.encode())]
    assert json.loads(body)["status"] == 421
    assert json.loads(body)["detail"] == "use localhost"
