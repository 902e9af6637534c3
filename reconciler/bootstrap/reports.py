"""How a reconcile went: as lines for the terminal, and as the row that `status` shows."""

from collections.abc import Sequence

from reconciler.control.reconcile import Result
from reconciler.store.source_status import SourceStatus


def source_status(result: Result, paths: Sequence[str], time: str) -> SourceStatus:
    return SourceStatus(
        tuple(paths),
        result.source,
        time,
        result.revision,
        result.changed,
        result.commit,
        _error(result),
        tuple(str(problem) for problem in result.problems),
        tuple((str(held.key), held.revision, held.drifts) for held in result.held),
        tuple((str(waiting.key), waiting.reason) for waiting in result.waiting),
        len(result.undeclared),
    )


def lines(now: SourceStatus, before: SourceStatus | None) -> list[str]:
    """What is worth a line after this reconcile: what happened, and what differs from the reconcile before."""
    if now.error is not None:
        if before is not None and (before.error, before.problems) == (now.error, now.problems):
            return []
        return [*now.problems, f"not applied, nothing was changed: {now.error}"]
    told = [] if before is not None and before.problems == now.problems else [*now.problems]
    if now.changed:
        told.append(f"revision {now.revision}: {_count(now.changed, 'change')} from {now.source}")
    elif before is not None and before.error is not None:
        told.append(f"the manifests of {now.source} are in order again; nothing to change")
    if before is None or before.held != now.held:
        told += [_held(*held) for held in now.held]
    if before is None or before.waiting != now.waiting:
        told += [f"{key} waits: {reason}" for key, reason in now.waiting]
    if now.undeclared and (before is None or before.undeclared != now.undeclared):
        told.append(
            f"{_count(now.undeclared, 'resource')} no longer declared by {now.source}; --prune deletes what is gone"
        )
    return told


def _held(key: str, revision: int, drifts: bool) -> str:
    state = "differs from its manifest and stays so" if drifts else "is as its manifest says"
    return f"{key} is held by revision {revision}: it {state}"


def _error(result: Result) -> str | None:
    if result.error is None or not result.problems:
        return result.error
    return _count(sum(not problem.warning for problem in result.problems), "problem") + " in the manifests"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
