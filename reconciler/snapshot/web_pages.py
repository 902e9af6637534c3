"""Which web pages may use the data plane: Settings.cors of the namespace `default`, as compiled."""

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.field_values import milliseconds
from reconciler.json_types import JsonValue
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey, StoredResource

_EVERY = "*"
_MAX_AGE = 600


@dataclass(frozen=True, slots=True)
class WebPages:
    """`every`: all origins, which counts only where keys are asked for. `headers` None: all. `max_age` in seconds."""

    origins: tuple[str, ...] = ()
    every: bool = False
    credentials: bool = False
    headers: tuple[str, ...] | None = None
    max_age: int = _MAX_AGE


NO_WEB_PAGES = WebPages()


def web_pages(resources: Mapping[ResourceKey, StoredResource], *, keyed: bool) -> WebPages:
    """`keyed`: whether clients need keys."""
    stored = resources.get(ResourceKey("Settings", DEFAULT_NAMESPACE, "default"))
    told = stored.resource.spec.get("cors") if stored is not None else None
    if not isinstance(told, dict):
        return NO_WEB_PAGES
    origins, headers, age = _texts(told.get("origins")), told.get("headers"), told.get("maxAge")
    return WebPages(
        tuple(each for each in origins if each != _EVERY),
        every=_EVERY in origins and keyed,
        credentials=told.get("credentials") is True,
        headers=_texts(headers) if isinstance(headers, list) else None,
        max_age=milliseconds(age) // 1000 if isinstance(age, str | int) else _MAX_AGE,
    )


def _texts(value: JsonValue) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
