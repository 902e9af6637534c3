"""What stands behind the `?` → the requests that are sought, within what the principal may see."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from reconciler.api.request_filters import Statuses, moment, statuses
from reconciler.control.manifest.printable import printable
from reconciler.control.permission import check_read
from reconciler.errors import InvalidInput
from reconciler.listener.access import Parameter
from reconciler.management.problems import BadRequest
from reconciler.management.rest import parameters
from reconciler.management.rest.calls import Call
from reconciler.store.traffic_query import SoughtRequests

_LONGEST = 512
_WHEN = "how long ago (2h, 7d), a date, a time, or milliseconds since the epoch"

_SESSION = Parameter("session", "Only those of a session: its id, or what its client calls it.")
OTHERS: tuple[Parameter, ...] = (
    Parameter("namespace", "Only those of this namespace; else of all that may be seen."),
    Parameter("client", "Only those of this ClientKey."),
    Parameter("model", "Only those that this Model served."),
    Parameter("provider", "Only those that this Provider answered."),
    Parameter("endpoint", "Only those of this endpoint: chat, embeddings, messages."),
    Parameter(
        "status", "Only with this status or ending: 429, 5xx, ok, failed, complete, refused, broken, gone."
    ),
    Parameter(
        "finish_reason",
        "Only those whose answer ended so: stop, length, tool_calls, end_turn; error: failed.",
    ),
    Parameter("stream", "Only streams, or only plain answers.", {"type": "boolean"}),
    Parameter("since", f"Only from then on: {_WHEN}."),
    Parameter("until", f"Only before then: {_WHEN}."),
)
_OLDER: tuple[Parameter, ...] = (
    Parameter("session_id", "The same as session."),
    Parameter("start_date", "The same as since."),
    Parameter("end_date", "The same as until, and the moment itself still counts."),
    Parameter("has_error", "Only those that failed, or only those that did not.", {"type": "boolean"}),
)
"""What such gateways call some of them."""
REQUESTS: tuple[Parameter, ...] = (_SESSION, *OTHERS, *_OLDER)
RESPONSES: tuple[Parameter, ...] = (*REQUESTS, Parameter("request_id", "Only the one of this request."))
SESSIONS: tuple[Parameter, ...] = (*OTHERS, Parameter("session", "Only what its client calls so."))


def sought(call: Call, now: datetime) -> SoughtRequests:
    """Raises InvalidInput, and Forbidden for a namespace that the principal may not see."""
    given = {name: _text(name, value) for name, value in call.given.items()}
    namespace = given.get("namespace")
    if namespace is not None:
        check_read(call.who, namespace)
    told = _statuses(given)
    until = _moment(_either(given, "until", "end_date"), now)
    return SoughtRequests(
        id=given.get("request_id"),
        model=given.get("model"),
        provider=given.get("provider"),
        statuses=told.ranges,
        endings=told.endings,
        failed=told.failed,
        endpoint=given.get("endpoint"),
        session=_either(given, "session", "session_id"),
        namespace=namespace,
        client=given.get("client"),
        since=_moment(_either(given, "since", "start_date"), now),
        until=None if until is None else until + ("end_date" in given),
        succeeded=parameters.optional_flag(given, "has_error") is False,
        stream=parameters.optional_flag(given, "stream"),
        namespaces=call.who.namespaces,
        finish_reason=given.get("finish_reason"),
    )


def told(given: Mapping[str, str], names: Sequence[str]) -> str:
    """What was asked for, in words: for the audit."""
    return ", ".join(f"{name} {printable(given[name])}" for name in names if name in given)


def _statuses(given: Mapping[str, str]) -> Statuses:
    failed = parameters.optional_flag(given, "has_error")
    if failed is None:
        try:
            return statuses(given["status"]) if "status" in given else Statuses()
        except InvalidInput as error:
            raise BadRequest(error.message) from None
    if "status" in given:
        raise BadRequest("status and has_error are two words for one thing: give one of them")
    return Statuses(failed=failed)


def _either(given: Mapping[str, str], name: str, other: str) -> str | None:
    if name in given and other in given:
        raise BadRequest(f"{name} and {other} are two words for one thing: give one of them")
    return given.get(name, given.get(other))


def _moment(text: str | None, now: datetime) -> int | None:
    try:
        return None if text is None else moment(text, now)
    except InvalidInput as error:
        raise BadRequest(error.message) from None


def _text(name: str, value: str) -> str:
    if len(value) > _LONGEST or not value.isprintable():
        raise BadRequest(f"{name} is longer than anything that is recorded, or can't be printed")
    return value
