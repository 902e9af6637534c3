"""What the machine asks its driver to do, and what it tells in the end. Performed in the order given."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypeAlias

from reconciler.gateway.transport.base import Failure
from reconciler.protocol.usage import Usage
from reconciler.provider_types.base import UpstreamRequest
from reconciler.snapshot.model import Candidate

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Lower-case names, latin-1 values without control characters."""


@dataclass(frozen=True, slots=True)
class Try:
    """Open an exchange with this candidate; its events come back under the number `attempt`."""

    attempt: int
    candidate: Candidate
    request: UpstreamRequest


@dataclass(frozen=True, slots=True)
class Cancel:
    """Let go of this attempt's exchange. Nothing of it is heard any more."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Pause:
    attempt: int


@dataclass(frozen=True, slots=True)
class Resume:
    attempt: int


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Call `timer` at this moment. There is one timer: a new one replaces it."""

    at: float


@dataclass(frozen=True, slots=True)
class ClearTimer:
    pass


@dataclass(frozen=True, slots=True)
class SendHead:
    status: int
    headers: Headers


@dataclass(frozen=True, slots=True)
class SendData:
    chunk: bytes


@dataclass(frozen=True, slots=True)
class Finish:
    """The answer ends properly."""


@dataclass(frozen=True, slots=True)
class Abort:
    """Cut the client's connection without a proper end, so that what was sent can't be taken for all of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Head, body and end at once, where nothing was sent before."""

    status: int
    headers: Headers
    body: bytes


class Ending(Enum):
    """How the client's side ended. The value is the word in logs and metrics."""

    COMPLETE = "complete"
    REFUSED = "refused"
    BROKEN = "broken"
    GONE = "gone"


CLIENT_GONE = 499
"""The status in the books where the client left before any was sent; never on the wire."""


class Attempt(NamedTuple):
    """One try at a candidate, and how it went. Seconds count from the attempt's own start."""

    provider: str
    binding: str
    failure: Failure | None = None
    reason: str = ""
    status: int | None = None
    first_byte: float | None = None


class Reason(Enum):
    """Why a candidate was passed over. The value is the word in logs and metrics."""

    CIRCUIT_OPEN = "circuit_open"
    RATE_LIMITED = "rate_limited"
    RETRY_BUDGET = "retry_budget"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A candidate that was not tried."""

    provider: str
    binding: str
    reason: Reason


class Outcome(NamedTuple):
    """The last action of every request. Seconds count from its start; `first_byte` is when the head went out.

    `provider` is the one whose answer the client got, or the last one tried.
    """

    status: int
    ending: Ending
    attempts: tuple[Attempt, ...]
    provider: str | None
    revision: int
    seconds: float
    first_byte: float | None = None
    usage: Usage | None = None
    skipped: tuple[Skipped, ...] = ()


Action: TypeAlias = (
    Try
    | Cancel
    | Pause
    | Resume
    | SetTimer
    | ClearTimer
    | SendHead
    | SendData
    | Finish
    | Abort
    | Answer
    | Outcome
)
