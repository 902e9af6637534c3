"""What upstreams tell of their own rate limits with an answer: how long nothing is left; and how the gateway tells its own.

OpenAI and those like it: x-ratelimit-remaining-{requests,tokens}, and x-ratelimit-reset-* as 1s, 6m0s, 120ms or 7.66.
Anthropic: anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-remaining, and -reset as a moment.
"""

import math
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from time import gmtime, strftime, time
from typing import NamedTuple

from reconciler.protocol.errors import MAX_RETRY_AFTER

_OPENAI, _ANTHROPIC = "x-ratelimit-remaining-", "anthropic-ratelimit-"
_DURATION = re.compile(
    r"(?:([0-9]{1,4})h)?(?:([0-9]{1,4})m(?!s))?(?:([0-9]{1,5}(?:\.[0-9]{1,9})?)(?:s|$))?(?:([0-9]{1,9})ms)?"
)


def used_up(headers: Iterable[tuple[str, str]]) -> float | None:
    """Seconds until there is something left again, a minute at most; None where there is, or nobody tells."""
    ended = [
        name
        for name, value in headers
        if value == "0"
        and (name.startswith(_OPENAI) or (name.startswith(_ANTHROPIC) and name.endswith("-remaining")))
    ]
    if not ended:
        return None
    given = dict(headers)
    waits = [wait for name in ended if (wait := _wait(name, given)) is not None]
    return min(max(waits), float(MAX_RETRY_AFTER)) if waits else None


def _wait(name: str, given: dict[str, str]) -> float | None:
    if name.startswith(_OPENAI):
        return _seconds(given.get(name.replace("-remaining-", "-reset-"), ""))
    with suppress(KeyError, ValueError, TypeError):
        reset = datetime.fromisoformat(given[name.removesuffix("-remaining") + "-reset"])
        return max(0.0, (reset - parsedate_to_datetime(given["date"])).total_seconds())
    return None


def _seconds(written: str) -> float | None:
    found = _DURATION.fullmatch(written)
    if not written or found is None:
        return None
    hours, minutes, seconds, thousandths = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


class Words(NamedTuple):
    """How one rate is told: its headers, but for the value of `remaining`."""

    limit: tuple[str, str]
    remaining: str
    reset: tuple[str, str]


def in_openais_words(what: str, limit: int, whole_in: float) -> Words:
    """`what`: requests or tokens; `whole_in`: seconds until as much as `limit` can be had again."""
    reset = duration(whole_in)
    return Words(
        (f"x-ratelimit-limit-{what}", str(limit)),
        f"x-ratelimit-remaining-{what}",
        (f"x-ratelimit-reset-{what}", reset),
    )


def in_anthropics_words(what: str, limit: int, whole_in: float) -> Words:
    """Whose reset is a moment."""
    name = f"anthropic-ratelimit-{what}"
    return Words((f"{name}-limit", str(limit)), f"{name}-remaining", (f"{name}-reset", _moment(whole_in)))


def duration(seconds: float) -> str:
    """As Go writes them, of whole seconds: 17s, 6m0s, 24h0m0s."""
    minutes, rest = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _moment(seconds: float) -> str:
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(math.ceil(time() + seconds)))
