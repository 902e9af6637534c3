"""A service of hot paths that a test plays itself."""

from reconciler.listener.access import Access
from reconciler.listener.guard import Gate, Headers, rules
from reconciler.listener.hot import Fields, HotPaths, Reply

PATH = "/hot"


class Asked:
    """One request, and what its connection said of it."""

    def __init__(self, fields: Fields, reply: Reply) -> None:
        self.fields = fields
        self.reply = reply
        self.raw: bytes | None = None
        self.calls: list[str] = []

    def body(self, raw: bytes) -> None:
        self.calls.append("body")
        self.raw = raw

    def too_large(self, limit: int) -> None:
        self.calls.append(f"too large: {limit}")
        self.reply.answer(413, (), b"large")

    def too_slow(self, seconds: float) -> None:
        self.calls.append(f"too slow: {seconds:g}")
        self.reply.answer(408, (), b"slow")

    def gone(self) -> None:
        self.calls.append("gone")

    def blocked(self) -> None:
        self.calls.append("blocked")

    def writable(self) -> None:
        self.calls.append("writable")


class ScriptedService:
    """`at_once`: the answer to every request, as soon as it begins."""

    access = Access.CLIENT

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.at_once: bytes | None = None

    def read(self, fields: Fields) -> "Scripted":
        return Scripted(self, fields)


class Scripted:
    """The requests of one head."""

    def __init__(self, service: ScriptedService, fields: Fields) -> None:
        self._service = service
        self._fields = fields

    def begin(self, reply: Reply) -> Asked:
        service = self._service
        request = Asked(self._fields, reply)
        service.asked.append(request)
        if service.at_once is not None:
            reply.answer(503, (), service.at_once)
        return request


def refuse(status: int, code: str, message: str, path: str) -> tuple[Headers, bytes]:
    return [(b"x-path", path.encode())], f"{status} {code} {len(message)}".encode()


def hot_paths(service: ScriptedService, *, max_body: int = 1000, origins: tuple[str, ...] = ()) -> HotPaths:
    return HotPaths({PATH: service}, Gate(rules((), origins)), refuse, max_body)
