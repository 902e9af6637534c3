"""What the ASGI middleware makes of the verdicts that `test_guard` proves."""

import asyncio
import json

import pytest
from fakes.guarded import request
from starlette.types import Message, Receive, Scope, Send

from reconciler.listener.guard import Gate, Guard, Headers, Verdict, rules
from reconciler.listener.security_headers import HEADERS


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
