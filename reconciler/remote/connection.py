"""A small blocking client of a management listener.

What it raises are errors of routerctl alone: the server's own, as it raised them, or Unreachable for what comes of the
way there. No message holds the token, nor a body that is not the API's. An answer is bounded, also once it is unpacked.
"""

import json
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Self
from urllib.parse import quote

from reconciler import __version__
from reconciler.api.problems import error_of
from reconciler.clock import Clock, SystemClock
from reconciler.errors import Forbidden, InvalidInput, RouterctlError, Unreachable
from reconciler.json_types import JsonValue
from reconciler.late import late
from reconciler.remote.server import Server

if TYPE_CHECKING:
    import httpx2
else:
    httpx2 = late("httpx2")

VERSION_HEADER = "x-routerctl-version"
ACTING_AS = "x-routerctl-as"
CONNECT_SECONDS = 10.0
SECONDS = 60.0
"""How long the server may take for the next piece of an answer."""
WHOLE_SECONDS = 600.0
"""And for all of it."""
LARGEST = 512 * 1024 * 1024
"""Bytes of an answer once it is unpacked."""

_JSON = "application/json"
_NO_METHOD = "method_not_allowed"
_DIGITS = 15
"""Of the length of a body."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is no refusal: 2xx, or 304. `headers` by names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    server: str = ""

    def json(self) -> JsonValue:
        """Raises Unreachable for what is no JSON."""
        if not self.headers.get("content-type", "").startswith(_JSON):
            raise not_ours(self.server, self.headers.get("content-type", ""))
        try:
            told: JsonValue = json.loads(self.body)
        except (ValueError, RecursionError):
            raise not_ours(self.server, "text that is no JSON") from None
        return told


class Connection:
    """Kept open over several requests. Close it."""

    def __init__(
        self,
        server: Server,
        *,
        clock: Clock | None = None,
        transport: "httpx2.BaseTransport | None" = None,
        largest: int = LARGEST,
    ) -> None:
        """`transport` stands in for the network. Raises InvalidInput for certificates that can't be used."""
        self.server = server
        self._clock = clock or SystemClock()
        self._largest = largest
        headers = {"user-agent": f"routerctl/{__version__}", "accept-encoding": "gzip"}
        if server.token is not None:
            headers["authorization"] = f"Bearer {server.token.reveal()}"
        if server.acting_as is not None:
            headers[ACTING_AS] = quote(server.acting_as, safe=" !#$&'()*+,/:;=?@[]-._~")
        self._client = httpx2.Client(
            base_url=server.url,
            headers=headers,
            verify=_trust(server),
            timeout=httpx2.Timeout(SECONDS, connect=CONNECT_SECONDS),
            trust_env=False,
            follow_redirects=False,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def get(
        self, path: str, query: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Raises RouterctlError for every answer that is neither 2xx nor 304."""
        return self.request("GET", path, query=query, headers=headers)

    def post(
        self,
        path: str,
        body: JsonValue | bytes = None,
        *,
        media: str = _JSON,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> Answer:
        """As get. `body` is sent as it is where it is bytes; `seconds`: as long as the answer may take to begin."""
        return self.request("POST", path, body, media=media, query=query, headers=headers, seconds=seconds)

    def request(
        self,
        method: str,
        path: str,
        body: JsonValue | bytes = None,
        *,
        media: str = _JSON,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> Answer:
        """As get, with any method."""
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        sent = dict(headers or {}) | ({} if content is None else {"content-type": media})
        timeout = httpx2.Timeout(max(SECONDS, seconds or 0.0), connect=CONNECT_SECONDS)
        try:
            with self._client.stream(
                method, path, content=content, params=query, headers=sent, timeout=timeout
            ) as answer:
                read = Answer(answer.status_code, dict(answer.headers), self._read(answer), self.server.url)
        except httpx2.HTTPError as error:
            raise self._lost(error) from None
        return self._accepted(read, path)

    def download(self, path: str, sink: BinaryIO, *, media: str, seconds: float) -> Mapping[str, str]:
        """Posts, and writes the answer's body of this `media` type to `sink`; its headers. `seconds` as for post.

        As get; raises Unreachable for a body that is not whole, of which the sink has some then.
        """
        timeout = httpx2.Timeout(max(SECONDS, seconds), connect=CONNECT_SECONDS)
        headers = {"accept-encoding": "identity", "content-type": _JSON}
        try:
            with self._client.stream("POST", path, content=b"{}", headers=headers, timeout=timeout) as answer:
                told = dict(answer.headers)
                if not 200 <= answer.status_code < 300:
                    refusal = Answer(answer.status_code, told, self._read(answer), self.server.url)
                    self._accepted(refusal, path)
                if told.get("content-type") != media or "content-encoding" in told:
                    raise not_ours(self.server.url, told.get("content-type", ""))
                self._write(answer, sink, told.get("content-length", ""))
        except httpx2.HTTPError as error:
            raise self._lost(error) from None
        return told

    def _write(self, answer: "httpx2.Response", sink: BinaryIO, length: str) -> None:
        """Raises Unreachable for less than so many bytes, and where nobody said how many: more never come."""
        whole = int(length) if length.isascii() and length.isdigit() and len(length) <= _DIGITS else None
        written = 0
        with suppress(httpx2.HTTPError):
            for part in answer.iter_bytes():
                sink.write(part)
                written += len(part)
        if written != whole:
            of = "" if whole is None else f" of {whole}"
            raise Unreachable(
                f"the answer of {self.server.url} broke off after {written}{of} bytes",
                hint="nothing of it was kept; ask again",
            )

    def _read(self, answer: "httpx2.Response") -> bytes:
        """Whole. Raises Unreachable for one that is too large, or never ends."""
        end = self._clock.monotonic() + WHOLE_SECONDS
        parts, length = [], 0
        for part in answer.iter_bytes():
            parts.append(part)
            length += len(part)
            if length > self._largest or self._clock.monotonic() > end:
                what = "too large" if length > self._largest else f"not whole after {WHOLE_SECONDS:.0f} s"
                raise Unreachable(f"the answer of {self.server.url} is {what}")
        return b"".join(parts)

    def _accepted(self, answer: Answer, path: str) -> Answer:
        if 200 <= answer.status < 300 or answer.status == 304:
            return answer
        if 300 <= answer.status < 400:
            raise Unreachable(
                f"{self.server.url} answers that it is elsewhere (status {answer.status}), and redirects are not followed",
                hint="give --server the address of the management listener itself",
            )
        raise self._refusal(answer, path)

    def _refusal(self, answer: Answer, path: str) -> RouterctlError:
        if answer.headers.get("content-type", "").split(";")[0] != "application/problem+json":
            return not_ours(self.server.url, answer.headers.get("content-type", ""), answer.status)
        try:
            document = json.loads(answer.body)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            return not_ours(self.server.url, "text that is no JSON", answer.status)
        detail = str(document.get("detail"))
        if document.get("code") == _NO_METHOD or detail.startswith(f"there is no {path} here"):
            return other_version(self.server.url, answer.headers.get(VERSION_HEADER), f"it has no {path}")
        return _with_advice(error_of(answer.status, document), answer.status, self.server)

    def _lost(self, error: "httpx2.HTTPError") -> Unreachable:
        """In plain words: a library's own may hold what was sent."""
        url = self.server.url
        if isinstance(error, httpx2.ConnectTimeout):
            return Unreachable(f"{url} does not answer within {CONNECT_SECONDS:.0f} s", hint=_AT_ALL)
        if isinstance(error, httpx2.TimeoutException):
            return Unreachable(f"{url} began to answer, or took the request, and then was silent too long")
        if isinstance(error, httpx2.ConnectError):
            why = _tls_trouble(error)
            if why is not None:
                return Unreachable(f"the connection to {url} is not secure: {why}", hint=_BY_CA)
            return Unreachable(f"nothing answers at {url}", hint=_AT_ALL)
        if isinstance(error, httpx2.DecodingError):
            return not_ours(url, "what can't be unpacked")
        return Unreachable(
            f"the connection to {url} broke before the answer was whole",
            hint="what was asked may be done or not: look before it is asked again",
        )


_AT_ALL = "is it served, with --admin-listen, where --server says?"
_BY_CA = "name the authority that signed the server's certificate with --server-ca FILE"


def not_ours(url: str, what: str, status: int | None = None) -> Unreachable:
    said = f", status {status}" if status is not None else ""
    kind = what.split(";", maxsplit=1)[0].strip() or "nothing of a known type"
    shown = kind if kind.isascii() and kind.isprintable() and len(kind) <= 64 else "something else"
    return Unreachable(
        f"what answers at {url} is no management listener of routerctl: it sent {shown}{said}",
        hint="is that the address of the management listener (--admin-listen), without a proxy that answers in its place?",
    )


def other_version(url: str, version: str | None, what: str) -> Unreachable:
    """For a server that does not know what this command asks, or answers what it does not know."""
    shown = (
        version
        if version is not None and version.isascii() and version.isprintable()
        else "of another version"
    )
    return Unreachable(
        f"the server at {url} (routerctl {shown[:40]}) can't answer this command: {what}",
        hint=f"use the same version at both ends; here it is {__version__}",
    )


def _with_advice(error: RouterctlError, status: int, server: Server) -> RouterctlError:
    """A 401 says more to who sent nothing."""
    if status == 401 and isinstance(error, Forbidden) and server.token is None and server.cert is None:
        return Forbidden(
            error.message, hint="give the token by ROUTERCTL_TOKEN or --token-file", command=error.command
        )
    return error


def _tls_trouble(error: BaseException) -> str | None:
    """What is wrong with the server's certificate, in OpenSSL's words; None where it is something else."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return getattr(cause, "verify_message", "") or "its certificate is not trusted"
        if isinstance(cause, ssl.SSLError):
            return "what answers there does not speak TLS, or another one"
        cause = cause.__cause__ or cause.__context__
    return None


def _trust(server: Server) -> ssl.SSLContext:
    """Raises InvalidInput for files that can't be used; it names them, and nothing of what is in them."""
    if server.url.startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # nobody is trusted, and nobody asked
    try:
        context = ssl.create_default_context(cafile=server.ca)
    except (OSError, ValueError):
        raise InvalidInput(f"--server-ca {server.ca} holds no certificates that can be read") from None
    if server.cert is not None:
        try:
            context.load_cert_chain(server.cert, server.key, password=_no_password)
        except (OSError, ValueError):
            raise InvalidInput(
                f"--client-cert {server.cert} and --client-key {server.key} can't be used together",
                hint="a certificate and its own key, PEM, without a password",
            ) from None
    return context


def _no_password() -> str:
    """Else OpenSSL asks the terminal."""
    return ""
