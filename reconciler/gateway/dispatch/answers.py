"""What clients are told, put together from what upstreams said: headers that may pass, and errors."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from reconciler.gateway.dispatch.credentials import masked, repeated
from reconciler.gateway.dispatch.outcome import Attempt, Headers, Skipped
from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.failures import BAD_COMPRESSION, NOT_HTTP, TOO_LARGE, UNKNOWN_CODING
from reconciler.protocol.error_shapes import ErrorShape, words
from reconciler.protocol.errors import OpenAIError, capped_retry_after, key_revoked, shown
from reconciler.provider_types.base import UpstreamRequest
from reconciler.snapshot.model import Policy

MAX_ERROR_BODY = 64 * 1024
"""Bytes kept of an upstream's error; what is longer is taken for no error text at all."""

RETRYABLE = frozenset({408, 409, 429})
"""With 5xx: statuses after which another provider may do better. The others are about the request itself."""

CREDENTIALS_REFUSED = frozenset({401, 403})
"""The gateway's own key is bad. Passed on, clients would tell their user to log in."""

_PASSED: Final = frozenset(
    {
        "content-type",
        "retry-after",
        "x-should-retry",
        "request-id",
        "x-request-id",
        "openai-processing-ms",
        "openai-version",
    }
)
_PASSED_PREFIXES: Final = ("x-ratelimit-", "anthropic-ratelimit-")
_ESSENCES: Final = frozenset({"application/json", "text/event-stream"})
_MAX_HEADER: Final = 1024
_MAX_HEADERS: Final = 32
_HEADER: Final = re.compile(r"[a-z0-9-]+")
_HEADER_VALUE: Final = re.compile(r"[\x20-\x7e\t\xa0-\xff]*")

_WORDS = {
    Failure.CONNECT: "could not be reached",
    Failure.EGRESS: "may not be reached by this gateway",
    Failure.TIMEOUT: "did not answer in time",
    Failure.BROKEN: "broke off its answer",
    Failure.STOPPING: "was still asked when this gateway was stopped",
    Failure.REVOKED: "was still asked when the key of the request was revoked",
}

EMPTY_STREAM: Final = "answered with an empty stream"
_ANSWERED: Final = "answered with "
_WEB_PAGE: Final = "answered with a web page"
_NO_ANSWERS: Final = {
    NOT_HTTP: "answered with what is no valid HTTP",
    UNKNOWN_CODING: "answered in a content-encoding that is not known",
    BAD_COMPRESSION: "answered with what can't be decompressed",
    TOO_LARGE: "answered with a head or trailer that is too large",
}


class Answer(NamedTuple):
    """All of one, where nothing was sent before."""

    status: int
    headers: Headers
    body: bytes


def retryable(status: int) -> bool:
    """Whether another candidate is tried after an upstream answered with `status`, before anything was sent."""
    return status >= 500 or status in RETRYABLE or status in CREDENTIALS_REFUSED


def tries_another(status: int, policy: Policy | None) -> bool:
    """The same, where a Route may say which statuses those are."""
    if policy is None or policy.retry_on is None or status in CREDENTIALS_REFUSED:
        return retryable(status)
    return status in policy.retry_on


def passed_headers(headers: Headers, request: UpstreamRequest, *, rates: bool = True) -> Headers:
    """The few headers of an upstream that mean something to the client; the rest is between it and the gateway.

    Without content-length, which holds only where the body passes unchanged. `rates`: those of its rate limits are for
    the client, too.
    """
    passed: list[tuple[str, str]] = []
    for item in headers:
        name, told = item
        if name in _PASSED:
            value = capped_retry_after(told, header(headers, "date")) if name == "retry-after" else told
        elif rates and name.startswith(_PASSED_PREFIXES) and _HEADER.fullmatch(name):
            value = told
        else:
            continue
        if value is None or len(name) + len(value) > _MAX_HEADER or repeated(value, request):
            continue
        # nearly all values are of these characters, which is seen faster than a pattern is matched
        if (value.isascii() and value.isprintable()) or _HEADER_VALUE.fullmatch(value):
            passed.append(item if value is told else (name, value))
    return tuple(passed[:_MAX_HEADERS])


def own_headers(request_id: str, revision: int, provider: str | None, attempts: int) -> Headers:
    """What every answer tells of itself; `provider` is None where none was asked."""
    return (
        ("x-routerctl-request-id", request_id),
        ("x-routerctl-revision", str(revision)),
        *(() if provider is None else (("x-routerctl-provider", provider),)),
        ("x-routerctl-attempts", str(attempts)),
    )


def traced(trace: str, skipped: Iterable[Skipped]) -> tuple[str, str]:
    """How a request was routed, and who was not asked when it came, and why."""
    told = ",".join(f"{each.provider}:{each.reason.value}" for each in skipped)
    return "x-routerctl-trace", f"{trace}; passed-over={told[:_MAX_HEADER]}" if told else trace


def content_length(headers: Headers) -> int | None:
    given = header(headers, "content-length")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def header(headers: Headers, wanted: str) -> str:
    for name, value in headers:
        if name == wanted:
            return value
    return ""


def media_type(headers: Headers) -> str:
    told = header(headers, "content-type")
    return told if told in _ESSENCES else _essence(told)


@lru_cache(maxsize=64)
def _essence(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def complaint(status: int, headers: Headers) -> str:
    """Why a head that is no error can't be that of an answer; "" where it can."""
    if not 200 <= status <= 299:
        return _odd_status(status)
    if media_type(headers) == "text/html":
        return _WEB_PAGE
    return ""


def _odd_status(status: int) -> str:
    if 300 <= status <= 399:
        return f"answered with a redirect (status {status}), which is not followed"
    return f"answered with status {status}, which is no answer"


def refusal(
    status: int,
    given: Headers,
    body: bytes,
    request: UpstreamRequest,
    provider: str,
    shape: ErrorShape,
    *,
    rates: bool = True,
) -> Answer:
    """An upstream's error as the client gets it: as it is where it fits the shape, else put into it."""
    passed = passed_headers(given, request, rates=rates)
    headers = tuple(item for item in passed if item[0] != "content-encoding")
    text = masked(body, request)
    if shape.fits(text):
        return Answer(status, headers, text)
    error = _refusal_error(status, provider, words(text))
    others = tuple(item for item in headers if item[0] != "content-type")
    return Answer(status, (*error.response_headers(), *others), shape.body(error))


def _refusal_error(status: int, provider: str, said: str) -> OpenAIError:
    """In the upstream's own words, where it has any."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    wordless = f"The provider {provider} answered with status {status} and no readable error."
    return OpenAIError(status, said or wordless, kind, "upstream_error")


def exhausted(model: str, attempts: tuple[Attempt, ...], cut: Failure | None = None) -> OpenAIError:
    """For a request that no candidate answered but with a failure or a refused credential: who was tried, and why.

    The transports' own reasons may name hosts inside the operator's network, so they stay in the log.
    """
    if Failure.REVOKED in (cut, attempts[-1].failure):
        return key_revoked()
    tried = "; ".join(f"{attempt.provider} {_happened(attempt)}" for attempt in attempts)
    timed_out = attempts[-1].failure is Failure.TIMEOUT
    return OpenAIError(
        504 if timed_out else 502,
        f"No provider answered for the model `{shown(model)}`: {tried}.",
        "server_error",
        "upstream_timeout" if timed_out else "upstream_error",
        headers=(("x-should-retry", "false"),) if len(attempts) > 1 else (),
    )


def _happened(attempt: Attempt) -> str:
    if attempt.status is not None and (300 <= attempt.status <= 399 or attempt.status > 599):
        return _odd_status(attempt.status)
    if attempt.failure is None:
        return f"refused the gateway's credentials (status {attempt.status})"
    told = no_answer(attempt.reason) if attempt.failure is Failure.BROKEN else ""
    return told or _WORDS[attempt.failure]


def no_answer(reason: str) -> str:
    """What is told of an answer that did not break off, and is none; "" of one that did. `reason`: of its attempt."""
    return reason if reason.startswith(_ANSWERED) else _NO_ANSWERS.get(reason, "")
