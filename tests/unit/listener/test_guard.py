"""The rule is a table: a request on the left, what becomes of it on the right."""

import pytest
from fakes.guarded import request
from starlette.types import Scope

from reconciler.listener.guard import (
    Rules,
    Verdict,
    asked,
    judge,
    rules,
)

ALLOWED = rules(
    hosts={"Gateway.Example.com:8484", "svc"},
    origins={"https://app.example.com/", "http://localhost:3000"},
    multipart_paths={"/v1/audio/transcriptions"},
)


def judged(scope: Scope, allowed: Rules = ALLOWED) -> Verdict | None:
    return judge(asked(scope["method"], scope["path"], scope["scheme"], scope["headers"]), allowed)


def status(scope: Scope) -> int:
    verdict = judged(scope)
    return 200 if verdict is None else verdict.status


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", 200),
        ("localhost:8484", 200),
        ("localhost:", 200),
        ("LOCALHOST:1", 200),
        ("localhost.", 200),
        (" localhost ", 200),
        ("127.0.0.1:8484", 200),
        ("127.0.0.1.", 200),
        ("203.0.113.7", 200),
        ("[::1]:8484", 200),
        ("[::1]", 200),
        ("[FE80::1%eth0]:1", 200),
        ("gateway.example.com", 200),
        ("gateway.example.com.:9", 200),
        ("GATEWAY.example.COM:443", 200),
        ("svc", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("evil-localhost", 421),
        ("127.0.0.1.evil.example", 421),
        ("127.1", 421),
        ("localhost..", 421),
        (".", 421),
        ("", 421),
        ("::1", 421),
        ("[::1", 421),
        ("[]", 421),
        ("[localhost]", 421),
        ("[127.0.0.1]", 421),
        ("x/healthz?", 421),
        ("localhost/healthz?", 421),
        ("localhost#", 421),
        ("user@localhost", 421),
        ("localhost:84840000", 421),
        ("localhost:http", 421),
        ("localhost, evil.example", 421),
        ("local host", 421),
        ("localhost\n", 200),  # a server hands over values without surrounding white space
        ("löcalhost", 421),
    ],
)
def test_host(host: str, expected: int) -> None:
    assert status(request(host=host)) == expected


def test_a_request_has_exactly_one_host() -> None:
    assert status(request(host=None)) == 400
    twice = request()
    twice["headers"].append((b"host", b"localhost"))
    assert status(twice) == 400


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["10-0-0-7.pods.example", "x/y", None])
def test_health_answers_to_every_host(path: str, host: str | None) -> None:
    assert status(request(path=path, host=host)) == 200


@pytest.mark.parametrize(
    "path", ["/healthz/", "//healthz", "/v1/healthz", "/healthz/../v1/models", "/HEALTHZ"]
)
def test_only_the_exact_health_paths_answer_to_every_host(path: str) -> None:
    assert status(request(path=path, host="evil.example")) == 421


@pytest.mark.parametrize(
    ("host", "origin", "expected"),
    [
        ("localhost:8484", "http://localhost:8484", 200),
        ("LOCALHOST:8484", "http://localhost:8484", 200),
        ("localhost.:8484", "http://localhost:8484", 200),
        ("localhost", "http://localhost:80", 200),
        ("localhost:80", "http://localhost", 200),
        ("[::1]:8484", "http://[::1]:8484", 200),
        ("localhost:8484", "http://localhost:8485", 403),
        ("localhost:8484", "https://localhost:8484", 403),
        ("localhost:8484", "http://127.0.0.1:8484", 403),
        ("localhost:8484", "http://localhost", 403),
        ("localhost:8484", "null", 403),
        ("localhost:8484", "", 403),
        ("localhost:8484", "http://evil.example", 403),
        ("localhost:8484", "http://localhost:8484/x", 403),
        ("localhost:8484", "https://app.example.com", 200),
        ("localhost:8484", "HTTPS://APP.example.com:443", 200),
        ("localhost:8484", "http://app.example.com", 403),
        ("localhost:8484", "https://app.example.com.evil.example", 403),
        ("localhost:8484", "http://localhost:3000", 200),
    ],
)
def test_origin(host: str, origin: str, expected: int) -> None:
    assert status(request(host=host, origin=origin)) == expected


def test_the_own_origin_has_the_scheme_of_the_request() -> None:
    assert status(request(host="svc", scheme="https", origin="https://svc")) == 200
    assert status(request(host="svc", scheme="http", origin="https://svc")) == 403
    assert status(request(host="svc", scheme="wss", origin="https://svc")) == 200


def test_no_origin_is_its_own_where_the_host_is_unusable() -> None:
    assert status(request(path="/healthz", host="x/y", origin="http://x/y")) == 403


def test_one_foreign_origin_among_several_refuses() -> None:
    scope = request(origin="https://app.example.com")
    scope["headers"].append((b"origin", b"http://evil.example"))
    assert status(scope) == 403


@pytest.mark.parametrize(
    ("site", "origin", "expected"),
    [
        ("same-origin", None, 200),
        ("same-site", None, 200),
        ("none", None, 200),
        ("cross-site", None, 403),
        ("Cross-Site", None, 403),
        ("cross-site", "http://localhost:8484", 403),  # came here through another site
        ("cross-site", "https://app.example.com", 200),  # what --allow-origin is for
    ],
)
def test_sec_fetch_site(site: str, origin: str | None, expected: int) -> None:
    scope = request(sec_fetch_site=site)
    if origin is not None:
        scope["headers"].append((b"origin", origin.encode()))
    assert status(scope) == expected


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("application/json;", 200),
        ("text/plain", 415),
        ("text/plain; application/json", 415),
        ("application/jsonx", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("", 415),
    ],
)
def test_content_type(method: str, content_type: str, expected: int) -> None:
    assert status(request(method, "/v1/chat/completions", content_type=content_type)) == expected


def test_a_body_needs_one_content_type() -> None:
    assert status(request("POST")) == 415
    twice = request("POST", content_type="application/json")
    twice["headers"].append((b"content-type", b"application/json"))
    assert status(twice) == 415


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS"])
def test_other_methods_need_none(method: str) -> None:
    assert status(request(method)) == 200


def test_other_media_where_a_listener_takes_them() -> None:
    allowed = rules(media=["application/yaml"])
    assert judged(request("PUT", content_type="application/yaml"), allowed) is None
    assert judged(request("PUT", content_type="text/plain"), allowed) is not None


def test_no_body_and_no_media_type_where_no_browser_asks() -> None:
    allowed = rules(bare=True)
    assert judged(request("POST"), allowed) is None
    for headers in ({"origin": "http://localhost:8484"}, {"sec_fetch_site": "same-origin"}):
        refused = judged(request("POST", **headers), allowed)
        assert refused is not None
        assert refused.status == 415


def test_multipart_where_an_endpoint_takes_it() -> None:
    body = "multipart/form-data; boundary=x"
    assert status(request("POST", "/v1/audio/transcriptions", content_type=body)) == 200
    assert status(request("POST", "/v1/audio/transcriptions", content_type="application/json")) == 200
    assert status(request("POST", "/v1/audio/transcriptions", content_type="text/plain")) == 415
    assert status(request("POST", "/v1/audio", content_type=body)) == 415


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        (request(host="evil.example"), "--allow-host evil.example"),
        (request(host="a b"), "--allow-host NAME"),
        (request(origin="http://evil.example"), '--allow-origin "http://evil.example"'),
        (request(sec_fetch_site="cross-site"), "--allow-origin"),
        (request("POST"), "Content-Type: application/json"),
        (request("POST", content_type="text/plain"), 'not "text/plain"'),
    ],
)
def test_a_refusal_names_the_flag_or_header_to_add(scope: Scope, names: str) -> None:
    verdict = judged(scope)
    assert verdict is not None
    assert names in verdict.message


def test_foreign_text_cannot_write_the_message() -> None:
    verdict = judged(request(host='x"\r\n\x1b[2J' + "a" * 5000))
    assert verdict is not None
    assert verdict.message.isprintable()
    assert len(verdict.message) < 400


def test_an_allowed_host_that_is_none_is_kept_and_matches_nothing() -> None:
    odd = rules(hosts={"not a host"})
    assert judged(request(host="not a host"), odd) is not None
