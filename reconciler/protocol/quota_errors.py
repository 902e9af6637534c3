"""What a client is told whose key may not ask for more: OpenAI's status, types and codes, and what to do."""

import math

from reconciler.protocol.errors import MAX_RETRY_AFTER, OpenAIError, shown

_DO_NOT_RETRY = ("x-should-retry", "false")
Headers = tuple[tuple[str, str], ...]


def rate_limited(what: str, limit: str, seconds: float, told: Headers) -> OpenAIError:
    """`what`: requests or tokens; `limit`: its name and number, for people; `told`: headers that tell how much is left."""
    wait = max(math.ceil(seconds), 1)
    message = f"Rate limit reached for this key: {limit}. Try again in {wait} s."
    return OpenAIError(429, message, what, "rate_limit_exceeded", headers=(*_after(wait), *told))


def never_fits(what: str, limit: str, needed: str, told: Headers = ()) -> OpenAIError:
    """No time is long enough: the request itself may take more than there is."""
    message = f"Request too large for this key: it may take {needed}, and {limit}. "
    message += "Lower its max_tokens, or shorten its prompt."
    code = "insufficient_quota" if what == "insufficient_quota" else "rate_limit_exceeded"
    return OpenAIError(429, message, what, code, headers=(_DO_NOT_RETRY, *told))


def quota_exceeded(budget: str, needed: str, left: str, again: str, seconds: float) -> OpenAIError:
    """`again`: when the window of the budget ends; all of them are for people."""
    message = (
        f"You exceeded your current quota: {left} is left of {budget}, and this request may take {needed}. "
    )
    message += f"The next window begins at {again}."
    after = ("retry-after", str(max(math.ceil(seconds), 1)))
    return OpenAIError(
        429, message, "insufficient_quota", "insufficient_quota", headers=(after, _DO_NOT_RETRY)
    )


def limits_unknown() -> OpenAIError:
    """Who can't be counted is not served."""
    message = (
        "How much this key has used can't be told at the moment, so it is not served. Try again in a moment."
    )
    return OpenAIError(503, message, "server_error", "limits_unavailable", headers=(("retry-after", "1"),))


def not_priced(model: str) -> OpenAIError:
    """What has no price would go past a budget."""
    message = f"Nothing that may serve the model `{shown(model)}` has a price, and this key has a budget in dollars. "
    message += "Ask the operator of this gateway to give the Model its `pricing`."
    return OpenAIError(403, message, "invalid_request_error", "model_not_priced", "model")


def _after(wait: int) -> Headers:
    """SDKs ask again by themselves. Where that is of no use for longer than they wait, they are told not to."""
    after = ("retry-after", str(wait))
    return (after,) if wait <= MAX_RETRY_AFTER else (after, _DO_NOT_RETRY)
