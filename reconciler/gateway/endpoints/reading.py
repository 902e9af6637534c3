"""What of a client's request goes on: its body, as its media type says it is read, and the headers that a row names."""

import re
from functools import lru_cache

from reconciler.gateway.endpoints.http import Headers
from reconciler.protocol.body import Body, read_request
from reconciler.protocol.errors import InvalidRequest, unsupported_media
from reconciler.protocol.multipart import MULTIPART, MultipartBody, read_multipart
from reconciler.provider_types.endpoints import EndpointRow

RawHeaders = list[tuple[bytes, bytes]]
"""Of the client's request, names in lower case."""

_NO_ENCODING = frozenset({b"", b"identity"})
_COMPRESSED = "A compressed request is not read; send it without Content-Encoding."
_PASSED_VALUE = re.compile(r"[\x20-\x7e]{1,1024}")


def content_type(row: EndpointRow, headers: RawHeaders) -> str:
    """As `read` wants it, before there is a body. Raises InvalidRequest (415)."""
    given = ""
    for name, value in headers:
        if name == b"content-type":  # the guard has seen that there is one at most
            given = value.decode("latin-1").strip()
        elif name == b"content-encoding" and value.lower() not in _NO_ENCODING:
            raise InvalidRequest(unsupported_media(_COMPRESSED))
    media = _media(given)
    if media and media not in row.takes:
        taken = " or ".join(sorted(row.takes))
        raise InvalidRequest(unsupported_media(f"{row.path} takes {taken}; send that."))
    return given


def read(raw: bytes, content_type: str) -> Body:
    """Raises InvalidRequest (400).

    A request without a Content-Type was let pass by whoever stands before; it is read as JSON.
    """
    return read_multipart(raw, content_type) if _media(content_type) == MULTIPART else read_request(raw)


def passed(row: EndpointRow, headers: RawHeaders, body: Body) -> Headers:
    """Those that the row names, and what a multipart body can't be read without."""
    own = (("content-type", body.content_type),) if isinstance(body, MultipartBody) else ()
    if not row.passed:
        return own
    given = ((name, header(headers, name.encode())) for name in sorted(row.passed))
    return (*own, *((name, value) for name, value in given if _PASSED_VALUE.fullmatch(value)))


def header(headers: RawHeaders, name: bytes) -> str:
    """Several of one name as one, empty where there is none."""
    values = [value for given, value in headers if given == name]
    return b", ".join(values).decode("latin-1").strip() if values else ""


@lru_cache(maxsize=64)
def _media(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
