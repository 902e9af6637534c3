"""Lists: by labels, and a part at a time."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from reconciler.json_types import JsonObject
from reconciler.listener.access import Parameter
from reconciler.management.problems import BadRequest
from reconciler.management.rest import parameters
from reconciler.resources.resource import ResourceKey, StoredResource

MOST = 1000
LABELS = Parameter("labelSelector", "Labels: a=b, a!=b, a, !a, between commas.")
LIMIT = Parameter(
    "limit",
    f"So many at most, up to {MOST}; all where it is not said.",
    {"type": "integer", "minimum": 1, "maximum": MOST},
)
CONTINUE = Parameter("continue", "Where the part before ended, as it said.")
PAGING = (LIMIT, CONTINUE)

_TERM = re.compile(
    r"\s*+(?:!\s*+(?P<gone>[\w./-]++)|(?P<name>[\w./-]++)\s*+(?:(?P<operator>==?|!=)\s*+(?P<value>[\w.-]*+))?)\s*+",
    re.ASCII,
)
_LONGEST = 4096


class Page(NamedTuple):
    items: Sequence[StoredResource]
    rest: str | None
    """What `continue` is for the next part; None where this was the last."""

    def metadata(self) -> JsonObject:
        return {} if self.rest is None else {"continue": self.rest}


def selector(given: Mapping[str, str]) -> Callable[[StoredResource], bool]:
    """Kubernetes' equality selectors. Raises BadRequest."""
    text = given.get(LABELS.name, "")
    if len(text) > _LONGEST:
        raise BadRequest(f"{LABELS.name} is too long")
    terms = [_term(part) for part in text.split(",")] if text else []
    return lambda stored: all(term(stored.resource.labels) for term in terms)


def page(items: Iterable[StoredResource], given: Mapping[str, str]) -> Page:
    """In the order of their keys. What is made or deleted between two parts neither repeats nor hides any other."""
    limit = parameters.number(given, LIMIT.name, most=MOST)
    ordered = sorted(items, key=lambda stored: stored.key)
    if (token := given.get(CONTINUE.name)) is not None:
        after = _key(token)
        ordered = [stored for stored in ordered if stored.key > after]
    if limit is None or len(ordered) <= limit:
        return Page(ordered, None)
    return Page(ordered[:limit], _token(ordered[limit - 1].key))


def _token(key: ResourceKey) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _key(token: str) -> ResourceKey:
    try:
        padded = token[:_LONGEST] + "=" * (-len(token) % 4)
        kind, namespace, name = json.loads(base64.b64decode(padded, b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise BadRequest(f"{CONTINUE.name} is not one that an answer gave") from None
    return ResourceKey(str(kind), str(namespace), str(name))


def _term(text: str) -> Callable[[Mapping[str, str]], bool]:
    term = _TERM.fullmatch(text)
    if term is None:
        raise BadRequest(f"{LABELS.name} can't be read", hint="for example: team=search,tier!=test,!old")
    name, operator, value = term["name"] or term["gone"], term["operator"], term["value"]
    if term["gone"]:
        return lambda labels: name not in labels
    if operator == "!=":
        return lambda labels: labels.get(name) != value
    if operator:
        return lambda labels: labels.get(name) == value
    return lambda labels: name in labels
