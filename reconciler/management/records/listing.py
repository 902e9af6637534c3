"""A part of the records at a time, or all of them as a stream of JSON lines or CSV."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from reconciler.errors import RouterctlError
from reconciler.json_types import JsonObject
from reconciler.listener.access import Access, Check, DeclaredRoute, Operation, Parameter
from reconciler.management import problems
from reconciler.management.doorkeeper import principal
from reconciler.management.problems import BadRequest
from reconciler.management.rest import answers, parameters
from reconciler.management.rest.answers import Answer
from reconciler.management.rest.calls import Call

MOST = 1000
USUAL = 50
_DEEPEST = 10_000_000
_COUNTED = 10_000
JSONL, CSV = "application/jsonl", "text/csv"
FORMATS: Mapping[str, str] = {"json": "application/json", "jsonl": JSONL, "csv": CSV}
_ACCEPTED = {CSV: "csv", JSONL: "jsonl", "application/x-ndjson": "jsonl", "application/ndjson": "jsonl"}
_PLACE = re.compile(r"([0-9]{1,15})\.([0-9]{1,8})")

LIMIT = Parameter(
    "limit",
    f"So many at most, up to {MOST}; {USUAL} where it is not said, and in an export all.",
    {"type": "integer", "minimum": 1, "maximum": MOST},
)
OFFSET = Parameter("offset", "Without the first so many.", {"type": "integer", "minimum": 0})
CONTINUE = Parameter("continue", "Where the part before ended, as it said: what came since is left out.")
FORMAT = Parameter(
    "format",
    "jsonl or csv: all that fits, as a stream, the oldest first. The header Accept says it as well.",
    {"type": "string", "enum": list(FORMATS)},
)
PAGING = (LIMIT, OFFSET, CONTINUE)


class Part(NamedTuple):
    """`until`: what began from then on is left out, in milliseconds since the epoch."""

    limit: int
    offset: int
    until: int

    @property
    def counted(self) -> int:
        """So far a total is counted; beyond, it is so many at least. More than a part holds, so that what is left is known."""
        return self.offset + self.limit + _COUNTED

    def told(self, name: str, items: Sequence[JsonObject], total: int, *, exact: bool = True) -> JsonObject:
        more = self.offset + len(items) < total
        rest: JsonObject = {"continue": f"{self.until}.{self.offset + len(items)}"} if more else {}
        return {
            name: [*items],
            "count": len(items),
            "total": total,
            **({} if exact else {"total_exact": False}),
            "limit": self.limit,
            "offset": self.offset,
            "has_more": more,
            **rest,
        }


def part(given: Mapping[str, str], now: int) -> Part:
    """Raises BadRequest."""
    limit = parameters.number(given, LIMIT.name, most=MOST) or USUAL
    offset = parameters.number(given, OFFSET.name, least=0, most=_DEEPEST) or 0
    if CONTINUE.name not in given:
        return Part(limit, offset, now + 1)
    place = _PLACE.fullmatch(given[CONTINUE.name])
    if place is None or OFFSET.name in given:
        raise BadRequest("continue is what an answer gave, and goes without offset")
    return Part(limit, int(place[2]), int(place[1]))


Exporter = Callable[[Call, str], Iterator[str]]
"""All that fits, as jsonl or csv, in pieces. Blocks; raises RouterctlError."""


def exportable(
    path: str, handler: Callable[[Call], Answer], exporter: Exporter, operation: Operation, check: Check
) -> DeclaredRoute:
    """A list that is streamed where that is asked for."""

    async def endpoint(request: Request) -> Response:
        try:
            call = Call(request, principal(request.scope), parameters.read(request, operation.parameters))
            form = _form(call)
            if form == "json":
                return answers.response(await run_in_threadpool(handler, call), request)
            pieces = await run_in_threadpool(_begun, exporter, call, form)
        except RouterctlError as error:
            return answers.problem_response(problems.of_error(error))
        name = path.rpartition("/")[2]
        headers = {
            "cache-control": "no-store",
            "content-disposition": f'attachment; filename="{name}.{form}"',
        }
        return StreamingResponse(pieces, headers=headers, media_type=FORMATS[form])

    return DeclaredRoute(
        path, endpoint, methods=("GET",), access=Access.VIEWER, check=check, operation=operation
    )


def json_lines(documents: Iterator[JsonObject]) -> Iterator[str]:
    for document in documents:
        yield json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def _begun(exporter: Exporter, call: Call, form: str) -> Iterator[str]:
    """What can't be read at all is a problem and no stream: a title and a row are made before it begins."""
    pieces = exporter(call, form)
    if call.request.method == "HEAD":
        return iter(())
    return chain(list(islice(pieces, 2)), pieces)


def _form(call: Call) -> str:
    form = call.given.get(FORMAT.name)
    if form is None:
        accepted = [
            part.partition(";")[0].strip() for part in call.request.headers.get("accept", "").split(",")
        ]
        return next((_ACCEPTED[each] for each in accepted if each in _ACCEPTED), "json")
    if form not in FORMATS:
        raise BadRequest(f"format is one of {', '.join(FORMATS)}")
    return form
