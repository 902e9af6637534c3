"""How a request ended, as the books are told: each attempt, each candidate that was passed over, the whole."""

from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from reconciler.gateway.transport.base import Failure
from reconciler.protocol.usage import Usage

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Lower-case names, latin-1 values without control characters."""


Told: TypeAlias = tuple[int, Headers, bytes, str | None]
"""An error as the client gets it, and the provider that it is about."""


class Ending(Enum):
    """How the client's side ended. The value is the word in logs and metrics."""

    __hash__ = object.__hash__  # that of Enum is a Python function

    COMPLETE = "complete"
    REFUSED = "refused"
    BROKEN = "broken"
    GONE = "gone"


HEDGE = "hedge"
PART = "part"

CLIENT_GONE: Final = 499
"""The status in the books where the client left before any was sent; never on the wire."""


@dataclass(slots=True, init=False)
class Attempt:
    """One try at a candidate, and how it went. Seconds count from the attempt's own start; `seconds` is when it ended.

    Its `__init__`, and that of Outcome, is written out, as that of Ask is.
    """

    provider: Final[str]
    binding: Final[str]
    failure: Final[Failure | None]
    reason: Final[str]
    status: Final[int | None]
    first_byte: Final[float | None]
    seconds: Final[float]
    beside: Final[str]
    """HEDGE or PART: it began while another was under way, and not because that had failed."""
    at: Final[float]
    """When it began, from the request's start on."""

    def __init__(  # noqa: PLR0913, PLR0917  its fields
        self,
        provider: str,
        binding: str,
        failure: Failure | None = None,
        reason: str = "",
        status: int | None = None,
        first_byte: float | None = None,
        seconds: float = 0.0,
        beside: str = "",
        at: float = 0.0,
    ) -> None:
        self.provider = provider
        self.binding = binding
        self.failure = failure
        self.reason = reason
        self.status = status
        self.first_byte = first_byte
        self.seconds = seconds
        self.beside = beside
        self.at = at


class Reason(Enum):
    """Why a candidate was passed over. The value is the word in logs and metrics."""

    CIRCUIT_OPEN = "circuit_open"
    RATE_LIMITED = "rate_limited"
    RETRY_BUDGET = "retry_budget"
    SLOW_START = "slow_start"
    UNHEALTHY = "unhealthy"
    SATURATED = "saturated"
    LIMIT_REACHED = "limit_reached"
    NO_PRICE = "no_price"
    NOT_SUPPORTED = "not_supported"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A candidate that was not tried."""

    provider: str
    binding: str
    reason: Reason


@dataclass(slots=True, init=False)
class Outcome:
    """The last action of every request. Seconds count from its start; `first_byte` is when the head went out.

    `provider` is the one whose answer the client got, or the last one tried.
    """

    status: Final[int]
    ending: Final[Ending]
    attempts: Final[tuple[Attempt, ...]]
    provider: Final[str | None]
    revision: Final[int]
    seconds: Final[float]
    first_byte: Final[float | None]
    usage: Final[Usage | None]
    skipped: Final[tuple[Skipped, ...]]
    finish_reason: Final[str | None]
    """In the word of the upstream whose answer it is."""

    def __init__(  # noqa: PLR0913, PLR0917  its fields
        self,
        status: int,
        ending: Ending,
        attempts: tuple[Attempt, ...],
        provider: str | None,
        revision: int,
        seconds: float,
        first_byte: float | None = None,
        usage: Usage | None = None,
        skipped: tuple[Skipped, ...] = (),
        finish_reason: str | None = None,
    ) -> None:
        self.status = status
        self.ending = ending
        self.attempts = attempts
        self.provider = provider
        self.revision = revision
        self.seconds = seconds
        self.first_byte = first_byte
        self.usage = usage
        self.skipped = skipped
        self.finish_reason = finish_reason
