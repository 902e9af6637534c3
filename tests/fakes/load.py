"""Clients that keep asking: HTTP/1.1 on raw sockets, so that one process can be fifty of them.

    async with Connection(host, port) as connection:
        answer = await connection.chat("m", stream=True)
        answer.text, answer.revision

Anything but a whole answer raises: a cut body, a missing [DONE], an error event.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Reply:
    """Header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def revision(self) -> int:
        return int(self.headers["x-routerctl-revision"])

    @property
    def text(self) -> str:
        """What the model said. Raises AssertionError where the answer is an error or not whole."""
        assert self.status == 200, self.body
        if self.headers["content-type"].startswith("application/json"):
            return str(json.loads(self.body)["choices"][0]["message"]["content"])
        *events, done, nothing = self.body.split(b"\n\n")
        assert (done, nothing) == (b"data: [DONE]", b""), self.body[-200:]
        choices = [json.loads(event.removeprefix(b"data: "))["choices"] for event in events]
        return "".join(choice["delta"].get("content") or "" for (choice, *_) in filter(None, choices))


class Connection:
    """One client, on one connection that is kept: where the server closes it, the client fails."""

    def __init__(self, host: str, port: int, key: str | None = None) -> None:
        self._address = host, port
        self._key = "" if key is None else f"authorization: Bearer {key}\r\n"
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(*self._address)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._writer is not None
        self._writer.close()

    async def chat(self, model: str, **more: object) -> Reply:
        asked: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": "hello"}], **more}
        return await self.post("/v1/chat/completions", json.dumps(asked).encode())

    async def post(self, path: str, body: bytes) -> Reply:
        assert self._reader is not None
        assert self._writer is not None
        head = (
            f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n{self._key}\r\n"
        )
        self._writer.write(head.encode() + body)
        await self._writer.drain()
        return await _reply(self._reader)


async def _reply(reader: asyncio.StreamReader) -> Reply:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").rstrip().split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    if headers.get("transfer-encoding") == "chunked":
        body = await _chunked(reader)
    else:
        body = await reader.readexactly(int(headers["content-length"]))
    return Reply(int(first.split(" ")[1]), headers, body)


async def _chunked(reader: asyncio.StreamReader) -> bytes:
    chunks = []
    while size := int(await reader.readuntil(b"\r\n"), 16):
        chunks.append((await reader.readexactly(size + 2))[:-2])
    await reader.readexactly(2)
    return b"".join(chunks)
