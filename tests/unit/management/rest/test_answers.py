import pytest
from starlette.requests import Request

from reconciler.management.problems import BadRequest, TooMany, problem
from reconciler.management.rest import answers
from reconciler.management.rest.answers import Answer


def asked(*headers: tuple[bytes, bytes]) -> Request:
    return Request({"type": "http", "method": "GET", "path": "/", "headers": [*headers], "query_string": b""})


def test_an_answer_says_what_was_written() -> None:
    sent = answers.response(Answer({"a": "é"}, 201, revision=7, version=3).located("/x"))
    assert sent.status_code == 201
    assert bytes(sent.body) == '{"a":"é","revision":7}'.encode()
    assert sent.headers["x-routerctl-revision"] == "7"
    assert (sent.headers["etag"], sent.headers["location"]) == ('"3"', "/x")
    assert Answer({}).located("/x").headers == {}
    assert answers.response(Answer(status=204)).body == b""
    assert bytes(answers.response(Answer("\ud800")).body) == b'"\\ud800"'


def test_yaml_goes_as_it_is() -> None:
    sent = answers.response(Answer("a: 1\n", headers={"content-type": "application/yaml"}))
    assert bytes(sent.body) == b"a: 1\n"
    assert sent.headers["content-type"] == "application/yaml"


def test_what_did_not_change_is_not_sent_again() -> None:
    whole = Answer({"a": 1}, version=3, whole=True)
    for header, status in ((b'"3"', 304), (b'"2", W/"3"', 304), (b"*", 304), (b'"2"', 200)):
        assert answers.response(whole, asked((b"if-none-match", header))).status_code == status
    assert answers.response(Answer({}, version=3), asked((b"if-none-match", b'"3"'))).status_code == 200
    assert answers.response(whole, asked()).status_code == 200


def test_etags_are_read_strictly() -> None:
    assert answers.versions(None, "If-Match") is None
    assert answers.versions('"1", "2"', "If-Match") == frozenset("12")
    assert answers.versions(" * ", "If-Match") == frozenset("*")
    for text in ("1", '"1" "2"', '"1",', '"' + "1" * 5000 + '"', "", '"\x00"'):
        with pytest.raises(BadRequest):
            answers.versions(text, "If-Match")


def test_a_problem() -> None:
    sent = answers.problem_response(problem(404, "not_found", "no"), {"allow": "GET"})
    assert (sent.status_code, sent.headers["allow"]) == (404, "GET")
    assert sent.headers["content-type"] == "application/problem+json"


def test_who_is_one_too_many_is_told_when_to_come_again() -> None:
    assert answers.refusal(TooMany("two")).headers["retry-after"] == "5"
    assert "retry-after" not in answers.refusal(BadRequest("odd")).headers
