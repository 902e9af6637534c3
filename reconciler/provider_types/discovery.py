"""What an upstream says of its models: where its list is, and how that is read. Pure; bounded, whatever it says.

The list is what the adapter's `probe(None)` asks for. A `Way` asks beside it, where more is told; a `Detail` asks about one
model. What is not told stays unknown: nothing is guessed from names.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from reconciler.field_types import MAX_DESCRIPTION, MONEY_PATTERN
from reconciler.field_values import MAX_TEXT
from reconciler.json_types import MAX_SAFE_INTEGER

MAX_MODELS = 10_000
CHAT, EMBEDDINGS, TOOLS, VISION, AUDIO, SCHEMA = (
    "chat",
    "embeddings",
    "tools",
    "vision",
    "audio",
    "json-schema",
)
_MILLION = 1_000_000
_MONEY = re.compile(MONEY_PATTERN)
_LONGEST_PRICE = 32


class Unreadable(ValueError):
    """An answer that is no list of models. The message is in our own words."""


@dataclass(frozen=True, slots=True)
class Offered:
    """One model of an upstream. `name` is the upstream's; what it does not tell is None, or empty.

    `prices`: input, cached input and output, in US dollars a million tokens.
    """

    name: str
    display_name: str | None = None
    description: str | None = None
    capabilities: tuple[str, ...] = ()
    context_window: int | None = None
    max_output: int | None = None
    prices: tuple[str | None, str | None, str | None] = (None, None, None)


class Listed(NamedTuple):
    """`unusable` of them have names that no Model can stand for; `more`: there were more than MAX_MODELS."""

    models: tuple[Offered, ...]
    unusable: int = 0
    more: bool = False


Read = Callable[[bytes], Listed]
"""Raises Unreadable."""


@dataclass(frozen=True, slots=True)
class Way:
    """A list that tells more than the one of `probe(None)`, at the same host: where that one's URL ends in `usual`, at `instead`."""

    usual: str
    instead: str
    read: Read

    def url(self, listing: str) -> str | None:
        """None where `listing` ends in another way."""
        return _instead(listing, self.usual, self.instead)


@dataclass(frozen=True, slots=True)
class Detail:
    """What is asked about one model, where the list tells little: a POST of its name, at `instead` in place of `usual`."""

    usual: str
    instead: str
    read: Callable[[Offered, bytes], Offered]

    def url(self, listing: str) -> str | None:
        return _instead(listing, self.usual, self.instead)

    def body(self, model: Offered) -> bytes:
        return json.dumps({"model": model.name}).encode()


def _instead(url: str, usual: str, instead: str) -> str | None:
    return url.removesuffix(usual) + instead if url.endswith(usual) else None


def listed(rows: Iterable[object], offer: Callable[[Mapping[str, object]], Offered | None]) -> Listed:
    """Of the rows of a list, each name once."""
    found: dict[str, Offered] = {}
    unusable = 0
    for row in rows:
        if len(found) >= MAX_MODELS:
            return Listed(tuple(found.values()), unusable, more=True)
        model = offer(row) if isinstance(row, dict) else None
        if model is None:
            unusable += 1
        else:
            found.setdefault(model.name, model)
    return Listed(tuple(found.values()), unusable)


def parsed(body: bytes) -> object:
    """Raises Unreadable for what is no JSON."""
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("the answer is no JSON") from None
    return value


def openai_models(body: bytes) -> Listed:
    """`{"data": [{"id": ...}]}`, with what vLLM, OpenRouter, Mistral, Groq, Together and others say beside."""
    told = parsed(body)
    rows = told if isinstance(told, list) else next(_lists(told), None)
    if rows is None:
        raise Unreadable("the answer holds no list of models")
    return listed(rows, _of_row)


def _lists(told: object) -> Iterator[list[object]]:
    for name in ("data", "models"):
        rows = told.get(name) if isinstance(told, dict) else None
        if isinstance(rows, list):
            yield rows


def _of_row(row: Mapping[str, object]) -> Offered | None:
    name = next(
        (text for word in ("id", "key", "name", "model") if (text := plain_name(row.get(word)))), None
    )
    if name is None:
        return None
    top, meta = _object(row.get("top_provider")), _object(_object(row.get("info")).get("meta"))
    shown = plain_name(row.get("display_name")) or plain_name(row.get("name"))
    return Offered(
        name,
        shown if shown != name else None,
        plain_text(row.get("description")) or plain_text(meta.get("description")),
        capabilities(row, meta),
        _first(row, _WINDOWS)
        or _first(top, _WINDOWS)
        or _first(meta, _WINDOWS)
        or _first(row.get("meta"), _WINDOWS),
        _first(row, _OUTPUTS) or _first(top, _OUTPUTS) or _first(meta, _OUTPUTS),
        prices(row.get("pricing")),
    )


_WINDOWS = (
    "context_length",
    "context_window",
    "max_context_length",
    "max_model_len",
    "max_input_tokens",
    "n_ctx_train",
)
_OUTPUTS = ("max_completion_tokens", "max_output_tokens", "max_output_length", "max_generation_length")
_WORDS: Mapping[str, str] = {
    "chat": CHAT,
    "completion": CHAT,
    "completion_chat": CHAT,
    "tools": TOOLS,
    "tool_use": TOOLS,
    "function_calling": TOOLS,
    "trained_for_tool_use": TOOLS,
    "vision": VISION,
    "image": VISION,
    "audio": AUDIO,
    "embedding": EMBEDDINGS,
    "embeddings": EMBEDDINGS,
    "structured_outputs": SCHEMA,
    "json_schema": SCHEMA,
}
"""How upstreams call what a Model's `capabilities` say."""
_ORDER = (CHAT, EMBEDDINGS, TOOLS, VISION, SCHEMA, AUDIO)


def capabilities(row: Mapping[str, object], meta: Mapping[str, object]) -> tuple[str, ...]:
    """What a row tells of them, where it tells enough: a Route passes a Model over that tells some and lacks one."""
    told: set[str] = set()
    for where in (row.get("capabilities"), meta.get("capabilities")):
        told |= set(known(where))
    parameters = row.get("supported_parameters")
    if isinstance(parameters, list):
        told |= {CHAT, *known(parameters)}
        told |= set(known(_object(row.get("architecture")).get("input_modalities")))
    if row.get("type") in ("embedding", "embeddings"):
        told = {EMBEDDINGS}
    elif told and row.get("type") == "vlm":
        told.add(VISION)
    return ordered(told)


def known(told: object) -> Iterator[str]:
    """Of a list of words, or an object that says true of some."""
    words = [name for name, holds in told.items() if holds] if isinstance(told, dict) else told
    for word in words if isinstance(words, list) else ():
        if isinstance(word, str) and word in _WORDS:
            yield _WORDS[word]


def ordered(told: Iterable[str]) -> tuple[str, ...]:
    found = set(told)
    return tuple(word for word in _ORDER if word in found)


def prices(told: object) -> tuple[str | None, str | None, str | None]:
    """Of OpenRouter and its like, who write dollars a token as text; others mean other things."""
    each = _object(told)
    return _price(each.get("prompt")), _price(each.get("input_cache_read")), _price(each.get("completion"))


def _price(told: object) -> str | None:
    if not isinstance(told, str) or len(told) > _LONGEST_PRICE:
        return None
    try:
        whole = Decimal(told) * _MILLION
        text = f"{whole.normalize():f}" if whole.is_finite() and 0 <= whole < _MILLION else ""
    except ArithmeticError:
        return None
    return text if _MONEY.fullmatch(text) else None


def _object(told: object) -> Mapping[str, object]:
    return told if isinstance(told, dict) else {}


def _first(told: object, names: Iterable[str]) -> int | None:
    return next((found for name in names if (found := tokens(_object(told).get(name)))), None)


def tokens(told: object) -> int | None:
    whole = isinstance(told, int) and not isinstance(told, bool)
    return told if whole and isinstance(told, int) and 0 < told <= MAX_SAFE_INTEGER else None


def plain_name(told: object) -> str | None:
    """As ClientName takes it."""
    if (
        not isinstance(told, str)
        or not 0 < len(told) <= MAX_TEXT
        or not told.isprintable()
        or told != told.strip()
    ):
        return None
    return told


def plain_text(told: object) -> str | None:
    """On one line, and none that is empty or endless."""
    if not isinstance(told, str):
        return None
    line = " ".join(told[: 2 * MAX_DESCRIPTION].split())
    return line[:MAX_DESCRIPTION] if line and line.isprintable() else None


def with_capabilities(model: Offered, *more: str) -> Offered:
    """With what all chat models of a server can do, where it tells of some."""
    if CHAT not in model.capabilities:
        return model
    return replace(model, capabilities=ordered((*model.capabilities, *more)))


@dataclass(frozen=True, slots=True)
class Discovery:
    """`ways` are tried before the list of `probe(None)`, which `read` reads; `detail` asks about each model then."""

    read: Read = openai_models
    ways: tuple[Way, ...] = ()
    detail: Detail | None = None


OPENAI = Discovery()
"""Of most."""
