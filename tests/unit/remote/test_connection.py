import gzip
import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from fakes.certificates import authority
from fakes.limits import Time

from reconciler.errors import (
    Forbidden,
    InvalidInput,
    NotFound,
    Refused,
    RouterctlError,
    StoreError,
    TimedOut,
    Unreachable,
)
from reconciler.json_types import JsonObject
from reconciler.remote.connection import Connection
from reconciler.remote.server import Server
from reconciler.secrets.value import SecretValue

URL = "http://127.0.0.1:8485"
SERVER = Server(URL, SecretValue("rt-canary"), acting_as="ada ü")


def connection(answer: Callable[[httpx2.Request], httpx2.Response], server: Server = SERVER) -> Connection:
    return Connection(server, transport=httpx2.MockTransport(answer), largest=4096)


def problem(status: int, told: JsonObject) -> httpx2.Response:
    headers = {"content-type": "application/problem+json"}
    return httpx2.Response(status, headers=headers, content=json.dumps(told))


def refused(response: httpx2.Response, server: Server = SERVER) -> RouterctlError:
    with closing(connection(lambda _: response, server)) as asked, pytest.raises(RouterctlError) as found:
        asked.get("/v1/x").json()
    assert "canary" not in str(found.value)
    return found.value


def test_a_request_says_who_asks_and_for_whom() -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={"a": 1})

    with connection(answer) as asked:
        assert asked.get("/v1/x", {"key": '"a&b"'}, {"if-none-match": '"1"'}).json() == {"a": 1}
        assert asked.post("/v1/y", {"b": 2}, seconds=90).json() == {"a": 1}
        assert asked.post("/v1/y", b"kind: X", media="application/yaml").status == 200
    first, second, third = seen
    assert first.url == f"{URL}/v1/x?key=%22a%26b%22"
    assert first.headers["authorization"] == "Bearer rt-canary"
    assert first.headers["x-routerctl-as"] == "ada %C3%BC"
    assert first.headers["if-none-match"] == '"1"'
    assert "content-type" not in first.headers
    assert (second.content, second.headers["content-type"]) == (b'{"b": 2}', "application/json")
    assert (third.content, third.headers["content-type"]) == (b"kind: X", "application/yaml")


@pytest.mark.parametrize(
    ("status", "code", "kind", "exit_code"),
    [
        (404, "not_found", NotFound, 3),
        (409, "refused", Refused, 4),
        (503, "store_error", StoreError, 5),
        (403, "forbidden", Forbidden, 6),
        (504, "timed_out", TimedOut, 7),
        (401, "not_authenticated", Forbidden, 6),
        (403, "role_too_low", Forbidden, 6),
        (415, "unsupported_media_type", InvalidInput, 3),
        (500, "internal", Unreachable, 6),
    ],
)
def test_a_problem_is_the_error_that_it_was(
    status: int, code: str, kind: type[RouterctlError], exit_code: int
) -> None:
    found = refused(problem(status, {"code": code, "detail": "no", "hint": "do", "command": "get all"}))
    assert type(found) is kind
    assert found.exit_code == exit_code
    assert (found.message, found.hint, found.command) == ("no", "do", "get all")


def test_who_sent_no_token_is_told_how() -> None:
    found = refused(problem(401, {"code": "token_required", "detail": "who asks?"}), Server(URL))
    assert found.hint == "give the token by ROUTERCTL_TOKEN or --token-file"


def test_a_server_of_another_version_is_said() -> None:
    gone = problem(404, {"code": "not_found", "detail": "there is no /v1/x here; try"})
    gone.headers["x-routerctl-version"] = "0.9"
    assert (
        refused(gone).message
        == f"the server at {URL} (routerctl 0.9) can't answer this command: it has no /v1/x"
    )
    other = refused(problem(405, {"code": "method_not_allowed", "detail": "no"}))
    assert "(routerctl of another version)" in other.message


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (httpx2.Response(200, html="<b>hello</b>"), "it sent text/html"),
        (httpx2.Response(502, html="<b>canary</b>"), "it sent text/html, status 502"),
        (httpx2.Response(200, content=b"x"), "it sent nothing of a known type"),
        (httpx2.Response(200, headers={"content-type": "a" * 99}, content=b"x"), "it sent something else"),
        (
            httpx2.Response(200, headers={"content-type": "application/json"}, content=b"{"),
            "text that is no JSON",
        ),
        (httpx2.Response(400, headers={"content-type": "application/problem+json"}, content=b"["), "no JSON"),
        (httpx2.Response(302, headers={"location": "https://canary"}), "redirects are not followed"),
        (httpx2.Response(200, json=["x" * 5000]), "is too large"),
        (
            httpx2.Response(200, headers={"content-encoding": "gzip"}, content=gzip.compress(b"0" * 900_000)),
            "is too large",
        ),
    ],
)
def test_what_is_no_answer_of_ours_is_said_in_words(response: httpx2.Response, words: str) -> None:
    found = refused(response)
    assert found.exit_code == 6
    assert words in found.message


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx2.ConnectError("canary"), "nothing answers at"),
        (httpx2.ConnectTimeout("canary"), "does not answer within"),
        (httpx2.ReadTimeout("canary"), "was silent too long"),
        (httpx2.ReadError("canary"), "broke before the answer was whole"),
        (httpx2.RemoteProtocolError("canary"), "broke before the answer was whole"),
        (httpx2.DecodingError("canary"), "what can't be unpacked"),
    ],
)
def test_a_lost_connection_is_unreachable(error: httpx2.HTTPError, words: str) -> None:
    def answer(_: httpx2.Request) -> httpx2.Response:
        raise error

    with connection(answer) as asked, pytest.raises(Unreachable, match=words) as found:
        asked.get("/v1/x")
    assert "canary" not in str(found.value)


def test_an_answer_ends() -> None:
    clock = Time()

    def drip() -> Iterator[bytes]:
        while True:
            clock.at += 100
            yield b"x"

    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, content=drip()))
    with (
        closing(Connection(SERVER, clock=clock, transport=transport)) as asked,
        pytest.raises(Unreachable, match="not whole after 600 s"),
    ):
        asked.get("/v1/x")


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (ssl.SSLCertVerificationError(1, "canary"), "its certificate is not trusted"),
        (ssl.SSLError(1, "canary"), "does not speak TLS"),
    ],
)
def test_a_server_that_is_not_trusted_is_said(cause: ssl.SSLError, words: str) -> None:
    def answer(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("canary") from cause

    with connection(answer) as asked, pytest.raises(Unreachable, match=words) as found:
        asked.get("/v1/x")
    assert "--server-ca" in str(found.value)
    assert "canary" not in str(found.value)


def test_certificates_that_cant_be_used_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("canary")
    for server in (
        Server("https://h", ca=str(broken)),
        Server("https://h", cert=str(broken), key=str(broken)),
    ):
        with pytest.raises(InvalidInput, match=str(broken)) as found:
            Connection(server)
        assert "canary" not in str(found.value)
    trusted = authority()
    certificate, key = trusted.client()
    Connection(Server("https://h", ca=trusted.file, cert=certificate, key=key)).close()
