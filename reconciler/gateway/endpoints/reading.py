"""What of a client's request goes on: its body, as its media type says it is read, and the headers that a row names."""

import re

from starlette.types import Receive, Scope

from reconciler.gateway.endpoints.http import Headers, header, read_body
from reconciler.protocol.body import Body, read_request
from reconciler.protocol.errors import InvalidRequest, unsupported_media
from reconciler.protocol.multipart import MULTIPART, MultipartBody, read_multipart
from reconciler.provider_types.endpoints import EndpointRow

_PASSED_VALUE = re.compile(r"[\x20-\x7e]{1,1024}")


async def read(row: EndpointRow, scope: Scope, receive: Receive, max_body: int) -> Body:
    """Raises BodyTooLarge, ClientGone and InvalidRequest (400, 415).

    A request without a Content-Type was let pass by whoever stands before; it is read as JSON.
    """
    encoding, content_type = header(scope, b"content-encoding"), header(scope, b"content-type")
    if encoding.lower() not in {"", "identity"}:
        message = "A compressed request is not read; send it without Content-Encoding."
        raise InvalidRequest(unsupported_media(message))
    media = content_type.partition(";")[0].strip().lower()
    if media and media not in row.takes:
        taken = " or ".join(sorted(row.takes))
        raise InvalidRequest(unsupported_media(f"{row.path} takes {taken}; send that."))
    raw = await read_body(scope, receive, max_body)
    return read_multipart(raw, content_type) if media == MULTIPART else read_request(raw)


def passed(row: EndpointRow, scope: Scope, body: Body) -> Headers:
    """Those that the row names, and what a multipart body can't be read without."""
    own = (("content-type", body.content_type),) if isinstance(body, MultipartBody) else ()
    if not row.passed:
        return own
    given = ((name, header(scope, name.encode())) for name in sorted(row.passed))
    return (*own, *((name, value) for name, value in given if _PASSED_VALUE.fullmatch(value)))
