"""A Provider in the making, the same way for all importers."""

from contextlib import suppress
from datetime import UTC, datetime

from reconciler.clock import timestamp
from reconciler.control.importing.collecting import Collector, Draft
from reconciler.control.importing.foreign_types import choose
from reconciler.control.importing.naming import variable_of

WEB_SESSION = "qwen-direct"
_CREDENTIALS = {"token": "TOKEN", "cookies": "COOKIES_TOKEN"}
"""The secret fields of a web session, and how variables that hold them end."""
_SECONDS_BELOW = 10**11


def provider(collector: Collector, name: str, foreign: str, field: str) -> Draft | None:
    """Its Draft, with a type; None, and a loss, where nothing stands for the type yet. `foreign`: as `FOREIGN_TYPES`."""
    choice = choose(foreign)
    if choice is None:
        collector.lose(field, f"no provider type stands for {foreign} yet; Provider/{name} is left out")
        return None
    draft = collector.draft("Provider", name, field)
    known = "type" in draft.spec
    draft.put("type", choice.type)
    if choice.type == WEB_SESSION and not known:
        draft.put("config.unofficial", True)
        collector.warn(
            f"Provider/{name} asks the web site's own interface, which is unofficial: it may change or end at any time"
        )
    if choice.lacks:
        collector.lose(field, choice.lacks)
    if not choice.works:
        draft.put("enabled", False)
        collector.warn(f"Provider/{name} is written disabled: {choice.lacks}")
    return draft


def complete_session(collector: Collector, draft: Draft) -> None:
    """A web session needs both values: where one is not there, the Provider waits for it, disabled."""
    config = draft.spec.get("config")
    missing = [name for name in _CREDENTIALS if not isinstance(config, dict) or name not in config]
    for name in missing:
        draft.refer(f"config.{name}", variable_of(draft.key.name, _CREDENTIALS[name]))
    if missing:
        draft.put("enabled", False)
        collector.warn(f"{draft.key} is written disabled: there is no value of {' and '.join(missing)}")


def expiry(milliseconds: int | None) -> str | None:
    """As RFC 3339. What can only be seconds is read as such."""
    if milliseconds is None or milliseconds <= 0:
        return None
    seconds = milliseconds // 1000 if milliseconds >= _SECONDS_BELOW else milliseconds
    with suppress(ValueError, OverflowError, OSError):
        return timestamp(datetime.fromtimestamp(seconds, UTC))
    return None


def base_url(draft: Draft, foreign: str, url: str, field: str) -> None:
    choice = choose(foreign)
    if choice is not None:
        draft.put("config.baseURL", choice.base_url(url.rstrip("/") or url), field)


def enabled(draft: Draft, value: bool, field: str) -> None:
    """As the source has it; one that was written disabled stays so."""
    if "enabled" not in draft.spec:
        draft.put("enabled", value, field)
