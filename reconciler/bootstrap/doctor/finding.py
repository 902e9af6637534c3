"""One thing that was looked at."""

from reconciler.api.upkeep import Finding
from reconciler.errors import RouterctlError


def ok(check: str, message: str) -> Finding:
    return Finding(check, "ok", message)


def failed(check: str, error: RouterctlError, program: str, why: str) -> Finding:
    """What is wrong, as the error says it; a command in it begins with `program`."""
    run = f"{program} {error.command}" if error.command else None
    todo = ": ".join(text for text in (error.hint, run) if text)
    return Finding(check, "error", error.message, why, todo)
