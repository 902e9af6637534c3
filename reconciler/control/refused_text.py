"""What workers said of a provider that they refused, for a condition."""

from collections.abc import Sequence

from reconciler.control.observed import RefusedBy
from reconciler.snapshot.egress import EGRESS_DENIED


def told(refused: Sequence[RefusedBy]) -> str:
    return "\n".join(dict.fromkeys(lines(each.reason) for each in refused))


def reason_of(refused: Sequence[RefusedBy]) -> str:
    """Why it could not be accepted, in a word."""
    causes = {each.cause for each in refused}
    return next((cause for cause in ("Invalid", EGRESS_DENIED) if cause in causes), "NotBuilt")


def lines(reason: str) -> str:
    """Without the layout that a reason has for a terminal."""
    return "\n".join(line.strip() for line in reason.splitlines())


def began(refused: Sequence[RefusedBy]) -> float | None:
    """When the first of them began."""
    known = [each.since for each in refused if each.since is not None]
    return min(known) if len(known) == len(refused) else None
