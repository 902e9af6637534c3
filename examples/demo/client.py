"""A client of the gateway: what any program would send, and a stream that is read while other things go on."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Condition, Thread

from processes import HOST

Json = dict[str, object]
_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Answered:
    """What the gateway's headers tell of an answer."""

    status: int
    revision: int
    provider: str

    @classmethod
    def of(cls, answer: http.client.HTTPResponse) -> "Answered":
        revision = answer.headers.get("x-routerctl-revision", "0")
        return cls(answer.status, int(revision), answer.headers.get("x-routerctl-provider", "none"))


def get(port: int, path: str) -> int:
    """The status; 0 where nobody answers."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


class Stream:
    """One streamed chat answer, read by a thread of its own. `pieces` are the texts of the chunks so far."""

    def __init__(self, port: int, body: Json) -> None:
        """Returns when the head of the answer is there. Raises OSError or HTTPException."""
        self.pieces: list[str] = []
        self.finished: str | None = None
        """The finish reason, once the stream has come to its proper end."""
        self._over = False
        self._error: str | None = None
        self._news = Condition()
        self._connection = http.client.HTTPConnection(HOST, port, timeout=_SECONDS)
        self._connection.request(
            "POST",
            "/v1/chat/completions",
            json.dumps({**body, "stream": True}),
            {"content-type": "application/json"},
        )
        self._socket = self._connection.sock
        self._answer = self._connection.getresponse()
        self.answered = Answered.of(self._answer)
        Thread(target=self._read, daemon=True).start()

    @property
    def over(self) -> bool:
        return self._over

    @property
    def trouble(self) -> str:
        """Why it did not come to its end."""
        return self._error or "it ended without its last event"

    def follow(self, start: int = 0) -> Iterator[str]:
        """The pieces from `start` on, as they come, until the end."""
        while new := self._after(start):
            start += len(new)
            yield from new

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _after(self, position: int) -> list[str]:
        """Waits for pieces after so many; none where the stream is over."""
        with self._news:
            self._news.wait_for(lambda: len(self.pieces) > position or self._over)
            return self.pieces[position:]

    def _read(self) -> None:
        reason = None
        try:
            for line in self._answer:
                event = line.decode("utf-8", "replace").strip().removeprefix("data:").strip()
                if event == "[DONE]":
                    self.finished = reason
                elif event:
                    reason = self._take(json.loads(event)) or reason
        except (OSError, ValueError, http.client.HTTPException, AttributeError) as error:
            self._error = f"{type(error).__name__}: {error}"
        with self._news:
            self._over = True
            self._news.notify_all()

    def _take(self, chunk: dict[str, object]) -> str | None:
        """Its finish reason."""
        if "error" in chunk or self.answered.status != 200:
            raise ValueError(json.dumps(chunk))
        choices = chunk.get("choices")
        reason = None
        for choice in choices if isinstance(choices, list) else []:
            text = choice["delta"].get("content")
            reason = choice.get("finish_reason") or reason
            if text:
                with self._news:
                    self.pieces.append(text)
                    self._news.notify_all()
        return reason
