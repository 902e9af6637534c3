"""Whether a provider is asked again for the same request: as its manifest says it, ready for dispatch."""

from dataclasses import dataclass

from reconciler.field_values import milliseconds
from reconciler.json_types import JsonObject

DEFAULT_ATTEMPTS = 2
DEFAULT_BACKOFF = 0.25


@dataclass(frozen=True, slots=True)
class Retry:
    """`attempts` counts the first one, too. `statuses` None: as between candidates. Seconds."""

    attempts: int = DEFAULT_ATTEMPTS
    statuses: frozenset[int] | None = None
    backoff: float = DEFAULT_BACKOFF

    def pause(self, tried: int, spread: float) -> float:
        """Before the next attempt, after so many. `spread` from 0 to 1: how much of a half is taken off."""
        return self.backoff * 2.0 ** (tried - 1) * (1 - spread / 2)

    def words(self) -> str:
        """It, for people."""
        after = ""
        if self.statuses is not None:
            after = f" after {', '.join(map(str, sorted(self.statuses)))}"
        return f"{self.attempts} attempts{after}, backoff {self.backoff:g} s"


def retry_of(spec: JsonObject) -> Retry | None:
    """Of a Provider's spec; None where it is asked once."""
    told = spec.get("retry")
    if not isinstance(told, dict):
        return None
    attempts, statuses, backoff = told.get("attempts"), told.get("statuses"), told.get("backoff")
    return Retry(
        attempts if isinstance(attempts, int) else DEFAULT_ATTEMPTS,
        frozenset(each for each in statuses if isinstance(each, int)) if isinstance(statuses, list) else None,
        milliseconds(backoff) / 1000 if isinstance(backoff, str | int) else DEFAULT_BACKOFF,
    )
