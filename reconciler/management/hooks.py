"""`POST /hooks/git`: a git host says that something was pushed. It says no more than "look now": the body is not read.

Who may say it knows a secret: GitHub and Gitea sign the body with it (HMAC-SHA256), GitLab sends it.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from reconciler.secrets.value import SecretValue

PATH = "/hooks/git"
MAX_BODY_BYTES = 4 * 1024 * 1024
"""Far above what a push says; the signature covers all of it, so all of it is read."""
SIGNATURES = {"x-hub-signature-256": "sha256=", "x-gitea-signature": ""}
"""Header, and what stands in it before the digits."""
TOKEN = "x-gitlab-token"  # noqa: S105  the name of a header


@dataclass(frozen=True, slots=True)
class GitHook:
    """`ask` is called for each push that is told by one who knows the secret."""

    secret: SecretValue
    ask: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Answer:
    """`code` is the stable word for programs; "" where all is well."""

    status: int
    code: str
    detail: str


ACCEPTED = Answer(202, "", "the repository is looked at")
NO_HOOK = Answer(
    404,
    "no_webhook_secret",
    "no git webhook is awaited here; begin sync or up --git with --webhook-secret-file FILE",
)
NOT_SIGNED = Answer(
    401,
    "not_signed",
    "the request is not signed with the webhook's secret: X-Hub-Signature-256, X-Gitea-Signature or X-Gitlab-Token",
)
TOO_LARGE = Answer(413, "body_too_large", f"the body is larger than {MAX_BODY_BYTES // 1024 // 1024} MiB")


async def answer(request: Request, hook: GitHook | None) -> Answer:
    """Asks, where it is right to."""
    if hook is None:
        return NO_HOOK
    if not any(name in request.headers for name in (*SIGNATURES, TOKEN)):
        return NOT_SIGNED
    body = await _body(request)
    if body is None:
        return TOO_LARGE
    if not _is_signed(request, hook.secret, body):
        return NOT_SIGNED
    hook.ask()
    return ACCEPTED


async def _body(request: Request) -> bytes | None:
    """None where it is too large; then its rest is not read."""
    announced = request.headers.get("content-length", "0")
    if announced.isascii() and announced.isdigit() and int(announced) > MAX_BODY_BYTES:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


def _is_signed(request: Request, secret: SecretValue, body: bytes) -> bool:
    """Every comparison takes the same time, however much of it is right."""
    key = secret.reveal().encode()
    digest = hmac.digest(key, body, "sha256").hex()
    wanted = {name: f"{prefix}{digest}".encode() for name, prefix in SIGNATURES.items()} | {TOKEN: key}
    given = {name: request.headers[name].encode("latin-1") for name in wanted if name in request.headers}
    return all(hmac.compare_digest(given[name], wanted[name]) for name in given)
