"""What Routes ask of a request. It is told when one of them asks, and no earlier."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from reconciler.protocol import estimate
from reconciler.protocol.needs import needs
from reconciler.snapshot.clients import Client
from reconciler.snapshot.routes import METADATA

TASK_HEADER = b"x-task-type"
TASK_MEMBER = "task_type"


class Facts(Protocol):
    def header(self, name: bytes) -> str:
        """Several of one name as one; empty where there is none. `name` is in lower case."""
        ...

    def task(self) -> str: ...

    def tokens(self) -> int:
        """Of the prompt, estimated."""
        ...

    def needs(self) -> frozenset[str]:
        """As `protocol.needs` has them."""
        ...

    @property
    def stream(self) -> bool: ...

    @property
    def client(self) -> Client | None:
        """Whose key came with it; None where no keys are asked for."""
        ...


class RequestFacts:
    """Of a request that came in. `headers` have names in lower case, each once. `members` are the values of those members of its body that Routes look at."""

    __slots__ = ("_headers", "_members", "_needs", "_tokens", "client", "stream")

    def __init__(
        self,
        headers: Mapping[bytes, bytes],
        members: Mapping[str, object],
        *,
        stream: bool,
        client: Client | None = None,
    ) -> None:
        self._headers = headers
        self._members = members
        self._tokens: int | None = None
        self._needs: frozenset[str] | None = None
        self.stream = stream
        self.client = client

    def header(self, name: bytes) -> str:
        """What is no UTF-8 is taken for Latin-1, as the older rule of HTTP has it."""
        written = self._headers.get(name, b"")
        try:
            return written.decode().strip()
        except UnicodeDecodeError:
            return written.decode("latin-1").strip()

    def task(self) -> str:
        written = self.header(TASK_HEADER)
        if written:
            return written
        metadata = self._members.get(METADATA)
        told = metadata.get(TASK_MEMBER) if isinstance(metadata, dict) else None
        return told if isinstance(told, str) else ""

    def tokens(self) -> int:
        if self._tokens is None:
            self._tokens = estimate.tokens(estimate.prompt_bytes(self._members))
        return self._tokens

    def needs(self) -> frozenset[str]:
        if self._needs is None:
            self._needs = needs(self._members)
        return self._needs


@dataclass(frozen=True, slots=True)
class GivenFacts:
    """Of a request that nobody made, for whoever wants to know where it would go. `headers` have lower-case names."""

    headers: Mapping[bytes, str] = field(default_factory=dict)
    task_type: str = ""
    prompt_tokens: int = 0
    needed: frozenset[str] = frozenset()
    stream: bool = False
    client: Client | None = None

    def header(self, name: bytes) -> str:
        return self.headers.get(name, "")

    def task(self) -> str:
        return self.headers.get(TASK_HEADER) or self.task_type

    def tokens(self) -> int:
        return self.prompt_tokens

    def needs(self) -> frozenset[str]:
        return self.needed
