import asyncio
import hmac
from collections.abc import AsyncIterator, Mapping

import httpx2
import pytest
from fakes.doors import OpenDoor

from reconciler.management.app import build_app
from reconciler.management.hooks import MAX_BODY_BYTES, GitHook
from reconciler.management.status import Status
from reconciler.secrets.value import SecretValue
from reconciler.store.counters import Counters

SECRET = "a webhook's s\u00e9cret"
BODY = b'{"ref": "refs/heads/main"}'
DIGEST = hmac.digest(SECRET.encode(), BODY, "sha256").hex()
GITHUB = {"x-hub-signature-256": f"sha256={DIGEST}"}


class NoFacts:
    def status(self) -> Status:
        raise AssertionError

    def counters(self) -> Counters:
        raise AssertionError

    def not_ready(self) -> str | None:
        raise AssertionError


def post(
    headers: Mapping[str, str | bytes],
    content: bytes | AsyncIterator[bytes] = BODY,
    *,
    asked: list[int] | None = None,
    secret: bool = True,
    url: str = "http://localhost",
) -> httpx2.Response:
    hook = GitHook(SecretValue(SECRET), lambda: (asked if asked is not None else []).append(1))
    app = build_app(NoFacts(), OpenDoor(), hosts=["hooks.example"], hook=hook if secret else None)

    async def whole() -> httpx2.Response:
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url=url) as client:
            sent: list[tuple[bytes, bytes]] = [(b"content-type", b"application/json")]
            for name, value in headers.items():
                sent = [each for each in sent if each[0] != name.encode()]
                sent.append((name.encode(), value if isinstance(value, bytes) else value.encode()))
            return await client.post("/hooks/git", content=content, headers=sent)

    return asyncio.run(whole())


@pytest.mark.parametrize(
    "headers",
    [
        GITHUB,
        {"x-gitea-signature": DIGEST},
        {"x-gitlab-token": SECRET.encode()},
        {**GITHUB, "x-gitea-signature": DIGEST},
    ],
    ids=["github", "gitea", "gitlab", "both"],
)
def test_a_push_that_is_signed_makes_it_look_at_once(headers: Mapping[str, str | bytes]) -> None:
    asked: list[int] = []
    answer = post(headers, asked=asked)
    assert (answer.status_code, asked) == (202, [1])
    assert answer.json() == {"status": "the repository is looked at"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-hub-signature-256": DIGEST},
        {"x-hub-signature-256": "sha256="},
        {"x-hub-signature-256": f"sha256={DIGEST[:-1]}0{DIGEST[-1]}"},
        {"x-gitea-signature": f"sha256={DIGEST}"},
        {"x-gitlab-token": "another"},
        {"x-gitlab-token": ""},
        {"x-hub-signature-256": b"sha256=\xff\xfe"},
        {**GITHUB, "x-gitea-signature": "wrong"},
        {"x-hub-signature": f"sha1={DIGEST}"},
    ],
)
def test_one_that_is_not_signed_rightly_does_nothing(headers: Mapping[str, str | bytes]) -> None:
    asked: list[int] = []
    answer = post(headers, asked=asked)
    assert (answer.status_code, answer.json()["code"], asked) == (401, "not_signed", [])
    assert SECRET not in answer.text


def test_another_body_is_not_what_was_signed() -> None:
    assert post(GITHUB, BODY + b" ").status_code == 401


def test_without_a_secret_there_is_no_hook() -> None:
    answer = post(GITHUB, secret=False)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_webhook_secret")
    assert "--webhook-secret-file FILE" in answer.json()["detail"]


def test_a_body_that_is_too_large_is_not_read() -> None:
    assert post({**GITHUB, "content-length": str(MAX_BODY_BYTES + 1)}).status_code == 413

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(1024 * 1024)

    assert post(GITHUB, endless()).json()["code"] == "body_too_large"


def test_the_guard_stands_before_it() -> None:
    asked: list[int] = []
    assert post(GITHUB, url="http://evil.example", asked=asked).status_code == 421
    assert post({**GITHUB, "origin": "https://evil.example"}, asked=asked).status_code == 403
    assert (
        post({**GITHUB, "content-type": "application/x-www-form-urlencoded"}, asked=asked).status_code == 415
    )
    assert asked == []
    assert post(GITHUB, url="http://hooks.example", asked=asked).status_code == 202
