"""The OpenAI error envelope, and the errors that the gateway itself answers with.

Clients decide by these fields whether to try again and which exception to raise, so status, type, code and the
well-known sentences are OpenAI's own. Texts are short and name what to do.
"""

import json
import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from reconciler.errors import InvalidInput

MAX_SHOWN = 100
"""Characters of a client's text that a message repeats."""

MAX_RETRY_AFTER = 60
"""Seconds. Some SDKs obey any value they are told, and would sleep through a day."""

_LONGEST_RETRY_AFTER = 33
_DO_NOT_RETRY = ("x-should-retry", "false")
_INVALID = "invalid_request_error"
_SERVER = "server_error"
_CHALLENGE = (("www-authenticate", 'Bearer realm="routerctl"'),)
_HOW = "Send it as `Authorization: Bearer rk-...` or as `x-api-key: rk-...`."


@dataclass(frozen=True, slots=True)
class OpenAIError:
    """An answer that is an error. `headers` come on top of content-type and content-length."""

    status: int
    message: str
    type: str
    code: str | None
    param: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def body(self) -> bytes:
        error = {"message": self.message, "type": self.type, "param": self.param, "code": self.code}
        return json.dumps({"error": error}).encode()

    def response_headers(self) -> tuple[tuple[str, str], ...]:
        return (("content-type", "application/json"), *self.headers)


class InvalidRequest(InvalidInput):
    """A client's request that can't be read. `error` is the answer to it."""

    def __init__(self, error: OpenAIError) -> None:
        super().__init__(error.message)
        self.error = error


def shown(text: str) -> str:
    """A client's text as a message may repeat it: printable, and cut."""
    kept = "".join(c if c.isprintable() and c != "`" else "?" for c in text[:MAX_SHOWN])
    return kept if len(text) <= MAX_SHOWN else f"{kept}..."


def invalid_body(message: str, param: str | None = None, code: str | None = None) -> OpenAIError:
    return OpenAIError(400, message, _INVALID, code, param)


def model_not_found(model: str, *, no_active_provider: bool = False) -> OpenAIError:
    """`no_active_provider`: it would have been forwarded, had the gateway anybody to forward it to."""
    sentence = f"The model `{shown(model)}` does not exist or you do not have access to it."
    if no_active_provider:
        sentence += " This gateway forwards unknown models, but has no active provider at the moment: its operator sets "
        sentence += "activeProvider of its Settings to a Provider that is enabled."
    return OpenAIError(404, sentence, _INVALID, "model_not_found", "model")


def model_missing() -> OpenAIError:
    return invalid_body("you must provide a model parameter", "model", "missing_required_parameter")


def no_candidate(model: str) -> OpenAIError:
    """The model is known, but nothing serves it: no binding, or every provider is disabled or refused."""
    sentence = (
        f"No provider serves the model `{shown(model)}` at the moment. Ask the operator of this gateway."
    )
    return OpenAIError(503, sentence, _SERVER, "no_provider", headers=(_DO_NOT_RETRY,))


def left_alone(model: str, seconds: float, *, limited: bool) -> OpenAIError:
    """All who serve the model have failed of late, or reached a rate limit; the first of them is asked again by then."""
    wait = str(min(max(math.ceil(seconds), 1), MAX_RETRY_AFTER))
    after = (("retry-after", wait),)
    if limited:
        sentence = (
            f"Every provider of the model `{shown(model)}` has reached its rate limit. Try again in {wait} s."
        )
        return OpenAIError(429, sentence, "requests", "rate_limit_exceeded", headers=after)
    sentence = f"No provider of the model `{shown(model)}` can be asked: those that fail are left alone for a while. "
    sentence += f"Try again in {wait} s."
    return OpenAIError(503, sentence, _SERVER, "providers_unavailable", headers=after)


def saturated(model: str, seconds: float) -> OpenAIError:
    """All who serve the model have as many requests under way as they may; none of them is left alone for its faults."""
    wait = str(min(max(math.ceil(seconds), 1), MAX_RETRY_AFTER))
    sentence = (
        f"The providers of the model `{shown(model)}` have as many requests under way as they may have. "
    )
    sentence += f"Try again in {wait} s."
    return OpenAIError(503, sentence, _SERVER, "providers_saturated", headers=(("retry-after", wait),))


def stream_broken(*, timed_out: bool = False) -> OpenAIError:
    """For the event that ends a stream which began and can't be finished."""
    reason = "did not go on in time" if timed_out else "broke off"
    return OpenAIError(502, f"The provider's stream {reason}.", _SERVER, "upstream_broken")


def stream_out_of_time(given: str) -> OpenAIError:
    """For the event that ends a stream when the time of its whole request is over. `given`: 2 s that its Route gives."""
    message = f"The answer was not complete within the {given} a request."
    return OpenAIError(504, message, _SERVER, "route_timeout")


def turn_too_late(model: str, given: str) -> OpenAIError:
    """The time of the whole request is over, and it still waited for its turn: nobody was asked. `given`: as above."""
    message = (
        f"The request for the model `{shown(model)}` waited for its turn longer than the {given} a request."
    )
    return OpenAIError(504, message, _SERVER, "route_timeout")


def gateway_stopping() -> OpenAIError:
    """For the event that ends a stream that outlasts the grace of a gateway's end."""
    return OpenAIError(
        503,
        "The gateway is stopping, and this answer took longer than it waits.",
        _SERVER,
        "gateway_stopping",
    )


def payload_too_large(limit: int) -> OpenAIError:
    message = f"The request body is larger than {limit} bytes, the most that this gateway takes."
    return OpenAIError(413, message, _INVALID, "request_too_large")


def request_timeout(seconds: float) -> OpenAIError:
    message = f"Nothing of the request's body came for {seconds:g} s; send it without a pause."
    return OpenAIError(408, message, _INVALID, "request_timeout")


def refused(status: int, code: str, message: str) -> OpenAIError:
    """What a listener's guard refused (400, 403, 415, 421), in the words it chose."""
    return OpenAIError(status, message, _INVALID, code)


def method_not_allowed(method: str, allowed: str) -> OpenAIError:
    """`allowed` is the value of the Allow header."""
    message = f"Not allowed to {shown(method)} this path; use {allowed}."
    return OpenAIError(405, message, _INVALID, "method_not_allowed", headers=(("allow", allowed),))


def not_found(method: str, path: str) -> OpenAIError:
    message = f"Unknown request URL: {shown(method)} {shown(path)}. What this gateway serves stands in "
    message += "docs/reference/endpoints.md of routerctl."
    return OpenAIError(404, message, _INVALID, "unknown_url")


def endpoint_not_served(model: str, path: str) -> OpenAIError:
    """The model is served, but by no provider whose type has this endpoint."""
    message = f"No provider of the model `{shown(model)}` serves {path}. Ask for another model, or another endpoint."
    return OpenAIError(404, message, _INVALID, "endpoint_not_served")


def model_incapable(model: str, lacking: Iterable[str]) -> OpenAIError:
    """Models could be asked in its place, but each lacks something that the request needs."""
    message = f"No model that may serve `{shown(model)}` here can do what the request needs ({', '.join(lacking)}). Ask "
    message += "for another model, or without it."
    return OpenAIError(400, message, _INVALID, "capability_not_served")


def tools_not_supported(path: str, elsewhere: str | None) -> OpenAIError:
    """The provider's models know of no tools. `elsewhere`: where the gateway can tell them in words, if it may."""
    message = f"The model's provider takes no tools at {path}. "
    message += f"Ask at {elsewhere}." if elsewhere else "Ask for another model, or without `tools`."
    return OpenAIError(400, message, _INVALID, "tools_not_supported", "tools")


def response_not_kept(id_: str) -> OpenAIError:
    """Only the provider that wrote a response may have it, and nothing in its id says which one that was."""
    message = f"This gateway keeps no responses and can't tell which provider has `{shown(id_)}`. "
    message += "Ask that provider itself, or send the conversation in `input`."
    return OpenAIError(404, message, _INVALID, "response_not_kept")


def key_missing() -> OpenAIError:
    message = f"You didn't provide an API key. {_HOW}"
    return OpenAIError(401, message, _INVALID, "missing_api_key", headers=_CHALLENGE)


def key_refused() -> OpenAIError:
    """For every key that is not accepted: none is told what is wrong with it."""
    message = "Incorrect API key provided: this gateway does not know it, or it has expired or was revoked. "
    message += "Ask the operator of this gateway for one."
    return OpenAIError(401, message, _INVALID, "invalid_api_key", headers=_CHALLENGE)


def key_revoked() -> OpenAIError:
    """For a request that was under way with it."""
    message = "The API key of this request was revoked, or has expired, before the answer was complete."
    return OpenAIError(401, message, _INVALID, "invalid_api_key", headers=_CHALLENGE)


def keys_required() -> OpenAIError:
    """For everybody, where a listener that others can reach has neither keys nor an operator's word that it needs none."""
    message = "This gateway listens beyond its own machine, and asks for no keys, so it answers nobody. Its operator sets "
    message += "auth.dataPlane: keys in the Settings, or starts it with --allow-unauthenticated."
    return OpenAIError(403, message, _INVALID, "keys_required")


def model_not_permitted(model: str) -> OpenAIError:
    """The client may see the model, and nobody who would serve it."""
    message = f"Your API key does not permit what serves the model `{shown(model)}` here. Ask the operator of this gateway."
    return OpenAIError(403, message, _INVALID, "model_not_permitted", "model")


def unsupported_media(message: str) -> OpenAIError:
    return OpenAIError(415, message, _INVALID, "unsupported_media_type")


def internal() -> OpenAIError:
    message = "The gateway failed to handle this request. Its log says why."
    return OpenAIError(500, message, _SERVER, "internal_error")


def capped_retry_after(value: str | None, sent: str | None = None) -> str | None:
    """Whole seconds, at most MAX_RETRY_AFTER, or a date as it was written; None for what makes no sense.

    `sent` is the answer's own Date: a moment that lies further from it than the cap becomes the cap in seconds.
    """
    if value is None or len(value) > _LONGEST_RETRY_AFTER:
        return None
    try:
        seconds = float(value)
    except ValueError:
        return _capped_date(value, sent)
    if math.isnan(seconds) or seconds < 0:
        return None
    return str(min(math.ceil(min(seconds, MAX_RETRY_AFTER)), MAX_RETRY_AFTER))


def retry_after_seconds(value: str, sent: str) -> int | None:
    """As `capped_retry_after`; None as well for a moment that no Date tells the distance of."""
    told = capped_retry_after(value, sent)
    if told is None or told.isdigit():
        return None if told is None else int(told)
    moment, now = _http_date(told), _http_date(sent)
    return None if moment is None or now is None else max(0, math.ceil((moment - now).total_seconds()))


def _capped_date(value: str, sent: str | None) -> str | None:
    moment, now = _http_date(value), _http_date(sent or "")
    if moment is None:
        return None
    if now is not None and (moment - now).total_seconds() > MAX_RETRY_AFTER:
        return str(MAX_RETRY_AFTER)
    return value


def _http_date(text: str) -> datetime | None:
    """The three forms of RFC 9110, of which only the first is written today; its day and zone are as told."""
    if not (text.isascii() and text.isprintable()):
        return None
    for form in ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"):
        with suppress(ValueError):
            return datetime.strptime(text, form).replace(tzinfo=UTC)
    return None
