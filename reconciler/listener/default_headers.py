"""The headers that uvicorn adds to every answer, as bytes."""

from uvicorn.server import ServerState


class DefaultHeaders:
    """Of one server, which makes a new list each second."""

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self._seen: list[tuple[bytes, bytes]] = []
        self._written = b""

    def lines(self) -> bytes:
        headers = self._state.default_headers
        if headers is not self._seen:
            self._seen = headers
            self._written = b"".join([b"%b: %b\r\n" % header for header in headers])
        return self._written
