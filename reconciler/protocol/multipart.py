"""A multipart/form-data body: cut at its boundary once, to learn its model, and kept as bytes.

Bodies hold files of many megabytes, so parts are found by searching and never copied. What two parsers could read
differently is refused, since the upstream parses the body again and must see the same model: other line ends, folded
headers, a boundary that goes on, a second `model`, a `model` that is a file or encoded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.protocol.errors import InvalidRequest, invalid_body
from reconciler.protocol.parameters import Parameters

MULTIPART = "multipart/form-data"
MAX_PARTS = 256
MAX_PART_HEAD = 8 * 1024
MAX_FIELD = 1024
"""Bytes of a `model` or `stream`."""

_BOUNDARY = re.compile(
    r"""multipart/form-data\s*(?:;[^;"]*)*?;\s*boundary=(?:"([ !#-\[\]-~]{1,70})"|([A-Za-z0-9'()+_,./:=?-]{1,70}))\s*(?:;.*)?""",
    re.IGNORECASE,
)
_HEADER = re.compile(rb"([A-Za-z0-9!#$%&'*+.^_`|~-]++):[ \t]*+([^\r\n\0]*+)")
_PARAMETER = re.compile(rb';[ \t]*([A-Za-z0-9_*-]+)=(?:"((?:[^"\\\r\n]|\\.)*)"|([^ \t;"]+))[ \t]*')
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_READ = (b"model", b"stream")

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class MultipartBody:
    """As RequestBody. `model_span` is the place of the name, `first` that of the first delimiter."""

    model: str | None
    stream: bool
    raw: bytes
    model_span: _Span | None
    first: int
    delimiter: bytes

    @property
    def content_type(self) -> str:
        """As it is passed on: the boundary, and nothing else that the client wrote."""
        boundary = self.delimiter[2:].decode("latin-1")
        return f"{MULTIPART}; boundary=" + (boundary if _TOKEN.fullmatch(boundary) else f'"{boundary}"')

    @property
    def weight(self) -> None:
        """Nobody counts the tokens of a form."""

    @property
    def asked(self) -> None:
        """Nor has anybody looked for its limits."""

    @property
    def lacks_usage(self) -> bool:
        """No endpoint that takes these has an option for it."""
        return False

    def with_model(
        self,
        name: str,
        *,
        ask_usage: bool = False,  # noqa: ARG002  as RequestBody
        parameters: Parameters | None = None,  # noqa: ARG002  a form's fields are texts, and not for a Binding to set
    ) -> bytes:
        """The body with this model name; every other byte as it came. Where it named none, it gets a part for it."""
        if name == self.model:
            return self.raw
        if self.model_span is not None:
            start, end = self.model_span
            return b"".join((self.raw[:start], name.encode(), self.raw[end:]))
        head = b'%b\r\nContent-Disposition: form-data; name="model"\r\n\r\n' % self.delimiter
        return b"".join((self.raw[: self.first], head, name.encode(), b"\r\n", self.raw[self.first :]))

    def __repr__(self) -> str:
        return f"<MultipartBody {len(self.raw)} bytes>"


def read_multipart(body: bytes, content_type: str) -> MultipartBody:
    """Raises InvalidRequest (400)."""
    found = _BOUNDARY.fullmatch(content_type.strip())
    if found is None:
        raise _malformed("its Content-Type names no boundary")
    delimiter = b"--" + (found[1] or found[2]).encode()
    fields: dict[bytes, _Span] = {}
    for head, span in _parts(body, delimiter):
        name = _field_name(head)
        if name in fields:
            raise _malformed(f"it has `{name.decode()}` twice; send it once")
        if name in _READ:
            fields[name] = span
    model = _value(body, fields, b"model") or None
    stream = _value(body, fields, b"stream").strip().lower()
    return MultipartBody(
        model, stream in {"true", "1"}, body, fields.get(b"model"), body.index(delimiter), delimiter
    )


def _parts(body: bytes, delimiter: bytes) -> Iterator[tuple[bytes, _Span]]:
    """(head, place of the content) of each part."""
    at = body.find(delimiter)
    if at < 0 or (at > 0 and body[at - 2 : at] != b"\r\n"):
        raise _malformed("it does not begin with its boundary")
    for _ in range(MAX_PARTS):
        at += len(delimiter)
        if body.startswith(b"--", at):
            if body[at + 2 :] not in {b"", b"\r\n"}:
                raise _malformed("it goes on after its last boundary")
            return
        if not body.startswith(b"\r\n", at):
            raise _malformed("a line begins with the boundary and goes on; choose another boundary")
        head_end = body.find(b"\r\n\r\n", at, at + MAX_PART_HEAD)
        if head_end < 0:
            raise _malformed("a part has no end of its headers")
        head, start = body[at + 2 : head_end], head_end + 4
        at = body.find(b"\r\n" + delimiter, start)
        if at < 0:
            raise _malformed("its last boundary is missing")
        yield head, (start, at)
        at += 2
    raise _malformed(f"it has more than {MAX_PARTS} parts")


def _field_name(head: bytes) -> bytes:
    """The field that a part carries; empty for what is none of those that are read."""
    headers: dict[bytes, bytes] = {}
    for line in head.split(b"\r\n"):
        found = _HEADER.fullmatch(line)
        if found is None or found[1].lower() in headers:
            raise _malformed("a part has a header that is not one, or one twice")
        headers[found[1].lower()] = found[2]
    kind, parameters = _disposition(headers.get(b"content-disposition", b""))
    name = parameters.get(b"name")
    if kind != b"form-data" or name is None or b"name*" in parameters:
        raise _malformed("a part does not say `Content-Disposition: form-data; name=...`")
    if name not in _READ:
        return b""
    if parameters.keys() != {b"name"} or b"content-transfer-encoding" in headers:
        raise _malformed(f"`{name.decode()}` must be a plain field")
    return name


def _disposition(value: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    kind, separator, rest = value.partition(b";")
    parameters: dict[bytes, bytes] = {}
    at, rest = 0, separator + rest.rstrip(b" \t")
    while at < len(rest):
        found = _PARAMETER.match(rest, at)
        if found is None or found[1].lower() in parameters:
            return b"", {}
        written = found[2] if found[2] is not None else found[3]
        parameters[found[1].lower()] = re.sub(rb"\\(.)", rb"\1", written)
        at = found.end()
    return kind.strip().lower(), parameters


def _value(body: bytes, fields: dict[bytes, _Span], name: bytes) -> str:
    start, end = fields.get(name, (0, 0))
    try:
        if end - start <= MAX_FIELD:
            return body[start:end].decode()
    except UnicodeDecodeError:
        pass
    raise _malformed(f"`{name.decode()}` is not a short text in UTF-8")


def _malformed(what: str) -> InvalidRequest:
    return InvalidRequest(
        invalid_body(
            f"We could not read the multipart body of your request: {what}.", code="invalid_multipart"
        )
    )
