"""The rule is a table: a request on the left, what becomes of it on the right."""

import asyncio
import json

import pytest
from starlette.types import Message, Receive, Scope, Send

from reconciler.listener.guard import (
    Gate,
    Guard,
    Headers,
    Rules,
    Verdict,
    asked,
    judge,
    parse_authority,
    rules,
)
from reconciler.listener.security_headers import HEADERS

ALLOWED = rules(
    hosts={"Gateway.Example.com:8484", "svc"},
    origins={"https://app.example.com/", "http://localhost:3000"},
    multipart_paths={"/v1/audio/transcriptions"},
)


def request(
    method: str = "GET",
    path: str = "/v1/models",
    *,
    host: str | None = "localhost:8484",
    scheme: str = "http",
    **headers: str,
) -> Scope:
    pairs = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    if host is not None:
        pairs.insert(0, (b"host", host.encode("latin-1")))
    return {"type": "http", "method": method, "path": path, "scheme": scheme, "headers": pairs}


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


def test_parse_authority_keeps_the_port_apart() -> None:
    parsed = parse_authority("Gateway.:80")
    assert parsed is not None
    assert (parsed.host, parsed.port, parsed.literal) == ("gateway", "80", False)


def test_an_allowed_host_that_is_none_is_kept_and_matches_nothing() -> None:
    odd = rules(hosts={"not a host"})
    assert judged(request(host="not a host"), odd) is not None


# -- the middleware ----------------------------------------------------------------------------------------------------


async def _greeting(scope: Scope, receive: Receive, send: Send) -> None:
    del scope, receive
    await send({"type": "passed"})


def _refuse(status: int, code: str, message: str, path: str) -> tuple[Headers, bytes]:
    body = json.dumps({"status": status, "code": code, "message": message}).encode()
    return [(b"content-type", b"application/json"), (b"Content-Length", b"999")], body


def _messages(scope: Scope) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        raise NotImplementedError

    async def send(message: Message) -> None:
        sent.append(message)

    guard = Guard(_greeting, Gate(rules(hosts={"svc"})), _refuse)
    asyncio.run(guard(scope, receive, send))
    return sent


@pytest.mark.parametrize(
    "scope",
    [
        request(),
        request(host="svc"),
        {"type": "lifespan"},
        {**request(), "type": "websocket", "method": None},
    ],
)
def test_what_may_pass_goes_through_untouched(scope: Scope) -> None:
    assert _messages(scope) == [{"type": "passed"}]


def test_a_refusal_has_the_shape_of_the_listener() -> None:
    start, end = _messages(request(host="evil.example"))
    assert (start["type"], start["status"]) == ("http.response.start", 421)
    assert start["headers"] == [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(end["body"])).encode()),
        *HEADERS,
    ]
    assert json.loads(end["body"])["code"] == "host_not_allowed"


def test_a_websocket_is_refused_before_it_opens() -> None:
    scope = {**request(host="evil.example"), "type": "websocket"}
    assert _messages(scope) == [{"type": "websocket.close", "code": 1008, "reason": "host_not_allowed"}]


def _answers(scope: Scope, *origins: str) -> tuple[int, dict[str, str]]:
    """Status and headers, but for those of every answer, behind an app that answers 200."""
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"x-routerctl-revision", b"7")]}
        )

    async def receive() -> Message:
        raise NotImplementedError

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(Guard(app, Gate(rules((), origins)), _refuse, methods=("GET",))(scope, receive, send))
    headers = [header for header in sent[0]["headers"] if header not in HEADERS]
    assert len(headers) == len(sent[0]["headers"]) - len(HEADERS)
    return sent[0]["status"], {name.decode(): value.decode() for name, value in headers}


APP = "https://app.example.com"
PREFLIGHT = {"origin": APP, "access_control_request_method": "POST", "sec_fetch_site": "cross-site"}


def test_a_page_of_an_allowed_origin_may_ask_first_and_read_the_answer() -> None:
    status, headers = _answers(request("OPTIONS", **PREFLIGHT), APP)
    assert status == 204
    assert headers["access-control-allow-origin"] == APP
    assert headers["access-control-allow-methods"] == "GET"
    assert _answers(request(origin=APP, sec_fetch_site="cross-site"), f"{APP}:443/") == (
        200,
        {
            "x-routerctl-revision": "7",
            "access-control-allow-origin": APP,
            "access-control-expose-headers": "x-routerctl-revision",
            "vary": "Origin",
        },
    )


def test_it_may_read_what_is_wrong_with_its_request() -> None:
    status, headers = _answers(request("POST", origin=APP, content_type="text/plain"), APP)
    assert (status, headers["access-control-allow-origin"], headers["vary"]) == (415, APP, "Origin")


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (request("OPTIONS", **{**PREFLIGHT, "origin": "https://evil.example"}), 403),
        (request(origin="https://evil.example"), 403),
        (request("OPTIONS", host="evil.example", **PREFLIGHT), 421),
        (request(host="evil.example", origin=APP), 421),
        (request(host=None, origin=APP), 400),
        (request(), 200),
        (request("OPTIONS", origin="http://localhost:8484", access_control_request_method="POST"), 200),
    ],
)
def test_nobody_else_is_told_anything_but_that_answers_vary(scope: Scope, expected: int) -> None:
    status, headers = _answers(scope, APP)
    assert status == expected
    assert headers["vary"] == "Origin"
    assert not [name for name in headers if name.startswith("access-control-")]


def test_where_no_origin_is_allowed_nothing_varies() -> None:
    assert _answers(request()) == (200, {"x-routerctl-revision": "7"})
    status, headers = _answers(request("OPTIONS", **PREFLIGHT))
    assert (status, "vary" in headers) == (403, False)


def test_a_verdict_is_a_value() -> None:
    assert Verdict(421, "a", "b") == Verdict(421, "a", "b")


@pytest.mark.parametrize(
    "path",
    ["//status", "/./status", "/x/../status", "/status;x", "/%2fstatus", "/status%0a", "/healthz%00", "*"],
)
def test_a_path_with_several_readings_is_refused_before_anybody_decides_by_it(path: str) -> None:
    scope = {**request(path="/healthz"), "raw_path": path.encode()}
    assert _answers(scope)[0] == 400
    assert _answers({**scope, "headers": [(b"host", b"evil.example")]})[0] == 421  # which learns nothing more


def test_what_is_decoded_without_a_change_of_meaning_is_one_path() -> None:
    assert _answers({**request(path="/?"), "raw_path": b"/%73tatus"})[0] == 200
