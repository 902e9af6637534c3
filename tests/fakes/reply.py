"""A client that a service answers by callbacks: what it got, and in which order."""

import json


class RecordingReply:
    """`fault` is raised by what writes."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.calls: list[str] = []
        self.fault: Exception | None = None

    @property
    def began(self) -> bool:
        return bool({"data", "finish"} & set(self.calls))

    @property
    def ended(self) -> bool:
        return bool({"finish", "answer", "abort"} & set(self.calls))

    @property
    def code(self) -> object:
        return json.loads(self.body)["error"]["code"]

    def head(self, status: int, headers: tuple[tuple[str, str], ...], length: int | None = None) -> None:
        self.calls.append("head")
        self.status, self.headers = status, dict(headers)

    def data(self, chunk: bytes) -> None:
        self.calls.append("data")
        self.body += chunk
        if self.fault is not None:
            raise self.fault

    def finish(self) -> None:
        self.calls.append("finish")
        if self.fault is not None:
            raise self.fault

    def answer(self, status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> None:
        self.calls.append("answer")
        self.status, self.headers, self.body = status, dict(headers), body

    def abort(self) -> None:
        self.calls.append("abort")
