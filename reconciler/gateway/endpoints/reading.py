"""What of a client's request goes on: its body, as its media type says it is read, and the headers that a row names."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from reconciler.gateway.endpoints.http import Headers
from reconciler.listener.hot import Fields
from reconciler.protocol.body import Body, read_request
from reconciler.protocol.errors import InvalidRequest, unsupported_media
from reconciler.protocol.header_templates import HEADER
from reconciler.protocol.multipart import MULTIPART, MultipartBody, read_multipart
from reconciler.provider_types.endpoints import EndpointRow

_NO_ENCODING: Final = frozenset({b"", b"identity"})
_COMPRESSED = "A compressed request is not read; send it without Content-Encoding."
_JSON: Final = "application/json"
"""What nearly all clients send, at once known for what it is."""
_NOTHING: Final[frozenset[str]] = frozenset()
_PASSED_VALUE = re.compile(r"[\x20-\x7e]{1,1024}")


def content_type(row: EndpointRow, fields: Fields) -> str:
    """As `read` wants it, before there is a body. Raises InvalidRequest (415)."""
    encoding = fields.get(b"content-encoding")
    if encoding is not None and encoding.lower() not in _NO_ENCODING:
        raise InvalidRequest(unsupported_media(_COMPRESSED))
    given = fields.get(b"content-type", b"").decode("latin-1").strip()
    media = _JSON if given == _JSON else _media(given)
    if media and media not in row.takes:
        taken = " or ".join(sorted(row.takes))
        raise InvalidRequest(unsupported_media(f"{row.path} takes {taken}; send that."))
    return given


def read(
    raw: bytes,
    content_type: str,
    reads: frozenset[str] = _NOTHING,
    members: dict[str, object] | None = None,
) -> Body:
    """Raises InvalidRequest (400). `members` gets the values of those members of a JSON body that `reads` names.

    A request without a Content-Type was let pass by whoever stands before; it is read as JSON.
    """
    if content_type != _JSON and _media(content_type) == MULTIPART:
        return read_multipart(raw, content_type)
    return read_request(raw, reads, members) if reads else read_request(raw)


def passed(row: EndpointRow, fields: Fields, body: Body) -> Headers:
    """Those that the row names, and what a multipart body can't be read without."""
    own = (("content-type", body.content_type),) if isinstance(body, MultipartBody) else ()
    if not row.passed:
        return own
    given = ((name, header(fields, name.encode())) for name in sorted(row.passed))
    return (*own, *((name, value) for name, value in given if _PASSED_VALUE.fullmatch(value)))


def read_headers(names: frozenset[str], fields: Fields) -> Mapping[str, str]:
    """What templates may say of a request, by their placeholders: whether it is plain enough is theirs to decide."""
    return {HEADER + name: header(fields, name.encode()) for name in names}


def header(fields: Fields, name: bytes) -> str:
    """Empty where there is none."""
    return fields.get(name, b"").decode("latin-1").strip()


@lru_cache(maxsize=64)
def _media(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
