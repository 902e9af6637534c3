"""A connection that stays open, with the same head each time."""

import socket
from collections.abc import Callable
from urllib.parse import urlsplit

from fakes.attacked import Answered, request
from fakes.in_process import Answers
from fakes.running import DEADLINE, Running


class Cut(AssertionError):
    """The connection ended within an answer, or without one."""


class Kept:
    def __init__(
        self, gateway: Running, key: str, method: str = "GET", path: str = "/v1/models", body: bytes = b""
    ) -> None:
        at = urlsplit(gateway.data_url)
        self._place = at.hostname, at.port
        self._socket = socket.create_connection(self._place, DEADLINE)
        self._sent = request(method, path, f"Authorization: Bearer {key}", body=body).replace(
            b"Connection: close\r\n", b""
        )
        self._received = b""

    def ask(self) -> Answered:
        self.send()
        count = len(Answers(self._received).whole) + 1
        return self.read(lambda answers: len(answers.whole) >= count)

    def send(self) -> None:
        self._socket.sendall(self._sent)

    def read(self, until: Callable[[Answers], object]) -> Answered:
        while not until(answers := Answers(self._received)):
            piece = self._socket.recv(65536)
            if not piece:
                raise Cut(self._received)
            self._received += piece
        status, headers, body = (
            answers.whole[-1] if answers.whole else (answers.status, answers.headers, answers.body)
        )
        return Answered(status, {name.decode(): value.decode() for name, value in headers}, body)

    def is_refused(self) -> bool:
        """An answer that is under way when the key ends is cut; then the next connection is to be refused."""
        try:
            return self.ask().status == 401
        except Cut:
            self.close()
            self._socket, self._received = socket.create_connection(self._place, DEADLINE), b""
            return False

    def close(self) -> None:
        self._socket.close()
