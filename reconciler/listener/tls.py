"""TLS of a listener: its certificate, its key, and whose clients it trusts, read from files, and again when they change.

A connection keeps what it began with. Files that can't be used end the start, in words; later they change nothing, and the
log says so. OpenSSL can't be told to forget, so each reading makes a context of its own.
"""

import asyncio
import logging
import os
import ssl
from dataclasses import dataclass
from typing import Self

from reconciler.errors import InvalidInput, RouterctlError, one_line
from reconciler.secrets.files import NotRegularError, check_private, read_regular
from reconciler.secrets.nameless import nameless

LOOK_SECONDS = 1.0
MAX_FILE = 1024 * 1024
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2; all of 1.3 are as good."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TLSFiles:
    """Paths. `flag` is what the options that name them begin with: `--`, or `--admin-`. `required`: a client without a
    certificate of `client_ca` is not talked to.
    """

    cert: str
    key: str
    client_ca: str | None = None
    required: bool = True
    flag: str = "--"


class _Secured(ssl.SSLObject):
    """Who closes says so, and waits for no answer (RFC 8446, 6.1): a client that idles would answer minutes later."""

    def unwrap(self) -> None:
        try:
            super().unwrap()
        except ssl.SSLWantReadError:
            return


class ServerContext(ssl.SSLContext):
    """The context that a server is given: each new connection gets the one that is current."""

    current: ssl.SSLContext

    def __new__(cls, current: ssl.SSLContext) -> Self:
        self = super().__new__(cls, ssl.PROTOCOL_TLS_SERVER)
        self.current = current
        return self

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        return self.current.wrap_bio(incoming, outgoing, server_side, server_hostname, session)


class ServerTLS:
    """One listener's. `context` is for its server. Raises InvalidInput or SecretError where the files are of no use."""

    def __init__(self, files: TLSFiles) -> None:
        self._files = files
        self._read = _contents(files)
        self.problem = ""
        """Why what is served is not what the files hold now, in one line; "" where it is."""
        self.context = ServerContext(_context(files, self._read))

    def renew(self) -> bool:
        """Reads the files again: whether new connections get something new. Blocks. A problem is logged once."""
        try:
            read = _contents(self._files)
            if read == self._read:
                self._tell("")
                return False
            current = _context(self._files, read)
        except RouterctlError as error:
            self._tell(str(error))
            return False
        self._read, self.context.current = read, current
        self._tell("")
        _log.info("%s was read again: new connections get it", self._files.cert)
        return True

    async def keep(self) -> None:
        """Renews, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await asyncio.to_thread(self.renew)

    def _tell(self, problem: str) -> None:
        told = one_line(problem)
        if told and told != self.problem:
            _log.error("TLS goes on with what it had: %s", told)
        self.problem = told


def server_tls(files: TLSFiles | None) -> ServerTLS | None:
    """None: the listener speaks plain HTTP. Raises as ServerTLS."""
    return None if files is None else ServerTLS(files)


@dataclass(frozen=True, slots=True, repr=False)
class _Contents:
    cert: bytes
    key: bytes
    client_ca: bytes | None


def _contents(files: TLSFiles) -> _Contents:
    flag = files.flag
    key_status, key = _file(files.key, f"{flag}tls-key")
    check_private(key_status, files.key)
    ca = None if files.client_ca is None else _file(files.client_ca, f"{flag}client-ca")[1]
    return _Contents(_file(files.cert, f"{flag}tls-cert")[1], key, ca)


def _file(path: str, flag: str) -> tuple[os.stat_result, bytes]:
    try:
        status, content = read_regular(path, limit=MAX_FILE, follow=True)
    except NotRegularError:
        raise InvalidInput(f"{flag}: {path} is not a file", hint="name a file in PEM") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "not a usable path"
        raise InvalidInput(f"{flag}: {path} can't be read: {why.lower()}") from None
    if len(content) > MAX_FILE:
        raise InvalidInput(f"{flag}: {path} is larger than 1 MiB", hint="name a file in PEM")
    return status, content


def _context(files: TLSFiles, read: _Contents) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sslobject_class = _Secured
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    with nameless(read.cert) as cert, nameless(read.key) as key:
        try:
            context.load_cert_chain(cert, key, password=_no_password)
        except (ssl.SSLError, OSError) as error:
            raise _unusable(error, files) from None
    if read.client_ca is not None:
        try:
            context.load_verify_locations(cadata=read.client_ca.decode("ascii", "ignore"))
        except (ssl.SSLError, ValueError):
            raise InvalidInput(
                f"{files.flag}client-ca: {files.client_ca} holds no certificates that can be read",
                hint="name a file in PEM: -----BEGIN CERTIFICATE----- and what follows it",
            ) from None
        context.verify_mode = ssl.CERT_REQUIRED if files.required else ssl.CERT_OPTIONAL
    return context


class _Encrypted(ssl.SSLError):
    pass


def _no_password() -> str:
    """Without this OpenSSL asks the terminal."""
    raise _Encrypted


def _unusable(error: OSError, files: TLSFiles) -> InvalidInput:
    if isinstance(error, _Encrypted):
        return InvalidInput(
            f"{files.flag}tls-key: {files.key} is encrypted with a password", hint="name the key without one"
        )
    if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
        return InvalidInput(
            f"{files.flag}tls-key: {files.key} is not the key of the certificate in {files.cert}",
            hint="name the two that belong together; the listener's own certificate comes first in its file",
        )
    return InvalidInput(
        f"the certificate {files.cert} or the key {files.key} can't be read",
        hint="name files in PEM: the certificate, then those that lead to its authority; and its private key",
    )
