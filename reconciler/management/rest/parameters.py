"""What may stand behind the `?` of an operation: declared, so that the OpenAPI document has it, and read by that alone."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from reconciler.control.manifest.printable import printable
from reconciler.field_values import milliseconds
from reconciler.json_types import JsonObject
from reconciler.listener.access import Parameter
from reconciler.management.problems import BadRequest

_YES_NO: JsonObject = {"type": "boolean"}
_DURATION = re.compile(r"(?:[0-9]{1,5}(?:h|ms|m|s)){1,4}")
_SECONDS = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,3})?")
_MOST = 100
LONGEST_WAIT = 300.0
DEFAULT_WAIT = 30.0

NAMESPACE = Parameter("namespace", "The namespace that is meant; default where none is given.")
DRY_RUN = Parameter("dryRun", "Only say what would be done.", _YES_NO)
WAIT = Parameter("wait", "Answer when every live worker serves the revision.", _YES_NO)
TIMEOUT = Parameter(
    "timeout", "How long to wait: 30s, 1m, or a number of seconds. 30s where it is not said, 5m at most."
)
FORCE = Parameter(
    "force", "Take fields over that a source in git declares, and delete what it does.", _YES_NO
)
MANAGER = Parameter(
    "manager", "The field manager that the change is made as; api: and the principal's name by default."
)
MESSAGE = Parameter("message", "Why: kept with the revision.")
IF_MATCH = Parameter(
    "If-Match",
    "Only where the resource is still this one: its ETag (its resourceVersion in quotes), or *.",
    place="header",
)
IF_NONE_MATCH = Parameter("If-None-Match", "* : only where there is none yet.", place="header")
IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "The same key with the same request, within a day, has the same answer.",
    place="header",
)
WRITING = (
    NAMESPACE,
    DRY_RUN,
    WAIT,
    TIMEOUT,
    FORCE,
    MANAGER,
    MESSAGE,
    IF_MATCH,
    IF_NONE_MATCH,
    IDEMPOTENCY_KEY,
)
"""Of every operation that makes a revision."""


def read(request: Request, declared: Iterable[Parameter]) -> Mapping[str, str]:
    """Those that were given. Raises BadRequest for one that is not declared, or given twice."""
    names = [each.name for each in declared if each.place == "query"]
    try:
        pairs = parse_qsl(
            request.scope["query_string"].decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(request.scope["query_string"]),
            errors="strict",
            max_num_fields=_MOST,
        )
    except ValueError:
        raise BadRequest("the query can't be read: write ?name=value&other=value, in UTF-8") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in names:
            may = f"it may be {', '.join(names)}" if names else "there are none here"
            raise BadRequest(f'there is no parameter "{printable(name)[:64]}"', hint=may)
        if name in found:
            raise BadRequest(f"the parameter {name} is given twice")
        if "\0" in value:
            raise BadRequest(f"the parameter {name} holds a null")
        found[name] = value
    return found


def flag(given: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    """Kubernetes' `dryRun=All` is a yes as well."""
    text = given.get(name)
    if text is None:
        return default
    lowered = text.lower()
    if lowered in {"true", "1", "yes", "all"}:
        return True
    if lowered in {"false", "0", "no"}:
        return False
    raise BadRequest(f"{name} is true or false, not {printable(text)[:64]}")


def optional_flag(given: Mapping[str, str], name: str) -> bool | None:
    return flag(given, name) if name in given else None


def number(given: Mapping[str, str], name: str, *, least: int = 1, most: int) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most):
        raise BadRequest(f"{name} is a number from {least} to {most}")
    return int(text)


def seconds(given: Mapping[str, str], name: str = TIMEOUT.name) -> float:
    text = given.get(name)
    if text is None:
        return DEFAULT_WAIT
    if _DURATION.fullmatch(text):
        found = milliseconds(text) / 1000
    elif _SECONDS.fullmatch(text):
        found = float(text)
    else:
        raise BadRequest(f"{name} is a duration: 30s, 1m30s, 250ms, or a number of seconds")
    if not 0 < found <= LONGEST_WAIT:
        raise BadRequest(f"{name} is more than nothing, and at most {LONGEST_WAIT:g} seconds")
    return found
