"""What a handler answers, and how it goes over the wire."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import Response

from reconciler.errors import RouterctlError
from reconciler.json_types import JsonObject, JsonValue
from reconciler.management import problems
from reconciler.management.problems import BadRequest, TooMany
from reconciler.management.rest import bodies

REVISION = "x-routerctl-revision"
REPLAYED = "x-routerctl-replayed"
_ETAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e]*)"')
_LONGEST = 4096
_AGAIN_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """`revision`: what was written; the body of an object says so as well. `version`: the resourceVersion of the one
    resource that it is about. `once`: it shows a secret, and is never kept.
    """

    body: JsonValue = None
    status: int = 200
    revision: int | None = None
    version: int | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    once: bool = False
    whole: bool = False
    """Whether `version` says all: nothing else is in the body that could have changed."""

    def located(self, path: str) -> "Answer":
        """With the address of what was made; of a rehearsal nothing was."""
        return replace(self, headers={**self.headers, "location": path}) if self.status == 201 else self


def response(answer: Answer, request: Request | None = None) -> Response:
    headers = {"cache-control": "no-store", **answer.headers}
    if answer.revision is not None:
        headers[REVISION] = str(answer.revision)
    if answer.version is not None:
        headers["etag"] = etag(answer.version)
        if (
            request is not None
            and answer.whole
            and answer.status == 200
            and _unchanged(request, answer.version)
        ):
            return Response(None, 304, headers)
    if answer.status == 204:
        return Response(None, 204, headers)
    body = answer.body
    if answer.revision is not None and isinstance(body, dict):
        body = {**body, "revision": answer.revision}
    media = headers.pop("content-type", bodies.JSON)
    text = body.encode() if isinstance(body, str) and media == bodies.YAML else _text(body)
    return Response(text, answer.status, headers, media)


def problem_response(told: JsonObject, headers: Mapping[str, str] | None = None) -> Response:
    status = told["status"]
    assert isinstance(status, int)
    sent = {"cache-control": "no-store", **(headers or {})}
    return Response(_text(told), status, sent, problems.MEDIA_TYPE)


def refusal(error: RouterctlError) -> Response:
    """The problem that it is; to who is one too many, with a time to come again."""
    wait = {"retry-after": str(_AGAIN_SECONDS)} if isinstance(error, TooMany) else None
    return problem_response(problems.of_error(error), wait)


def etag(version: int) -> str:
    return f'"{version}"'


def versions(header: str | None, name: str) -> frozenset[str] | None:
    """The resourceVersions of an If-Match or If-None-Match; {"*"} for any; None where it was not sent."""
    if header is None:
        return None
    if len(header) > _LONGEST:
        raise BadRequest(f"{name} is too long")
    if header.strip() == "*":
        return frozenset({"*"})
    found = [_ETAG.fullmatch(part.strip()) for part in header.split(",")]
    if not all(found):
        raise BadRequest(f'{name} is a list of ETags, such as "42", or *')
    return frozenset(match[1] for match in found if match is not None)


def _unchanged(request: Request, version: int) -> bool:
    sent = versions(request.headers.get("if-none-match"), "If-None-Match")
    return sent is not None and (str(version) in sent or "*" in sent)


def _text(value: JsonValue) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
