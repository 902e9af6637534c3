"""A connection under TLS: OpenSSL between the socket and the parser, with nothing else in between.

The loops' own TLS reads with a buffer of 256 KiB that it allocates each time, and asks once more until an exception says
that nothing is left; together that costs more than the cryptography. Here OpenSSL is asked for as much as there is.
"""

import asyncio
import ssl

from reconciler.gateway.transport.http1.connection import Connection, Owner
from reconciler.gateway.transport.http1.tls import Sessions
from reconciler.listener.cork import Cork

RECORD = 16 * 1024
"""Bytes; no record of TLS holds more."""

FED = 64 * 1024
"""Bytes that OpenSSL is given at a time: what it once held it keeps, for as long as the connection lasts."""


class SecureConnection(Connection):
    """`secured` is done when the handshake is; it raises OSError, ssl.SSLError included. No request may be sent before."""

    __slots__ = (
        "_incoming",
        "_outgoing",
        "_place",
        "_remembered",
        "_sessions",
        "_tls",
        "ends_surely",
        "secured",
    )

    def __init__(
        self,
        owner: Owner,
        made_at: float,
        context: ssl.SSLContext,
        place: tuple[str, int],
        sessions: Sessions,
        cork: Cork | None = None,
    ) -> None:
        """`place` is the name that the certificate must have, and the port. Raises ssl.SSLError for what is no name."""
        super().__init__(owner, made_at, cork)
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._place = place
        self._sessions = sessions
        self._remembered = False
        self.ends_surely = False
        try:
            self._tls = context.wrap_bio(
                self._incoming, self._outgoing, server_hostname=place[0], session=sessions.last(place)
            )
        except ValueError:
            raise ssl.SSLError("the host is no name that a certificate can have") from None
        self.secured: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def finish(self) -> bool:
        """As the plain one's. An answer came, and with it the tickets that TLS 1.3 sends after its handshake."""
        if not self._remembered:
            self._remembered = True
            session = self._tls.session
            if session is not None:
                self._sessions.keep(self._place, session)
        return super().finish()

    def close(self) -> None:
        self.secured.cancel()
        super().close()

    # --- called by the loop ---------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._write = self._encrypt
        self._shake_hands()

    def data_received(self, data: bytes) -> None:
        """All of it is read before any is told: what follows an answer must not pass for the next one."""
        pieces: list[bytes] = []
        for start in range(0, len(data), FED):
            self._incoming.write(data if len(data) <= FED else data[start : start + FED])
            if self.secured.done() or self._shake_hands():
                self._decrypt(pieces)
        if pieces:
            super().data_received(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        if self.ends_surely and self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._refuse(exc or ConnectionResetError())
        super().connection_lost(exc)

    # --- between OpenSSL and the socket ---------------------------------------------------------------------

    def _shake_hands(self) -> bool:
        """Whether it is done."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        except OSError as error:  # what OpenSSL has to say of it is told to the other side as well
            self._flush()
            self._refuse(error)
            self._abort()
            return False
        self._flush()
        self.secured.set_result(None)
        return True

    def _decrypt(self, pieces: list[bytes]) -> None:
        """All that came; not more is asked for than is there, but where a record is not whole."""
        incoming, tls = self._incoming, self._tls
        there = incoming.pending
        try:
            while there:  # under TLS: as many bytes without it are never more
                piece = tls.read(min(there, RECORD))
                if not piece:
                    self.ends_surely = True  # by close_notify
                    break
                pieces.append(piece)
                there = incoming.pending or tls.pending()
        except ssl.SSLWantReadError:
            pass
        except OSError:
            self._abort()
        self._flush()  # OpenSSL may have had to answer: an alert, a new key

    def _encrypt(self, data: bytes | memoryview) -> None:
        """Raises ssl.SSLError where the connection is beyond use."""
        self._tls.write(data)
        self._flush()

    def _flush(self) -> None:
        outgoing = self._outgoing
        if outgoing.pending and self._transport is not None:
            self._transport.write(outgoing.read())

    def _refuse(self, error: Exception) -> None:
        if not self.secured.done():
            self.secured.set_exception(error)

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()
