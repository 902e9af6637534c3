"""How a reconcile went: as lines for the terminal, and as the row that `status` shows."""

from collections.abc import Sequence

from reconciler.control.field_text import drift_text
from reconciler.control.plan.model import Drifted
from reconciler.control.reconcile import Result
from reconciler.errors import one_line
from reconciler.store.source_status import Difference, SourceStatus, difference_text


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
        tuple(_difference(item) for item in result.drift),
        tuple(_difference(item, result.revision) for item in result.healed),
        result.git,
    )


def _difference(item: Drifted, healed: int | None = None) -> Difference:
    return Difference(str(item.key), drift_text(item), item.manager, item.since, healed)


def lines(now: SourceStatus, before: SourceStatus | None) -> list[str]:
    """What is worth a line after this reconcile: what happened, and what differs from the reconcile before."""
    if now.error is not None:
        same = before is not None and (before.error, before.problems) == (now.error, now.problems)
        failed = [] if same else [*map(one_line, now.problems), _failed(now.error, now)]
        failed += _trouble(now, before)
        return [*failed, _changed(now), *_healed(now)] if now.changed else failed
    told = [] if before is not None and before.problems == now.problems else [*map(one_line, now.problems)]
    if now.changed:
        told += [_changed(now), *_healed(now)]
    elif before is not None and before.error is not None:
        told.append(_well_again(now, before))
    elif now.git is not None and (before is None or before.commit != now.commit):
        told.append(f"{now.source}{_at(now)}: nothing to change")
    if before is None or before.held != now.held:
        told += [_held(*held) for held in now.held]
    if before is None or before.waiting != now.waiting:
        told += [f"{key} waits: {one_line(reason)}" for key, reason in now.waiting]
    if now.undeclared and (before is None or before.undeclared != now.undeclared):
        told.append(
            f"{_count(now.undeclared, 'resource')} no longer declared by {now.source}; --prune deletes what is gone"
        )
    if before is None or before.drift != now.drift:
        told += _drift(now, before.drift if before is not None else ())
    return told


def _well_again(now: SourceStatus, before: SourceStatus) -> str:
    if now.git is not None and before.git is not None and before.error == before.git.trouble:
        return f"{now.git.address} can be fetched from again; nothing to change"
    return f"the manifests of {now.source} are in order again; nothing to change"


def _healed(now: SourceStatus) -> list[str]:
    return [f"healed: {difference_text(item)}" for item in now.healed if item.revision == now.revision]


def _drift(now: SourceStatus, known: Sequence[Difference]) -> list[str]:
    """What is new of it: who did it is told a line each, the rest in one."""
    if not now.drift:
        return [f"no drift from {now.source} any more"] if known else []
    new = [item for item in now.drift if item not in known]
    by_hand = [item for item in new if item.manager is not None]
    others = dict.fromkeys(item.resource for item in new if item.manager is None)
    told = [f"drift, left as it is: {difference_text(item)}" for item in by_hand]
    return [*told, f"drift: not as {now.source} says, and left so: {', '.join(others)}"] if others else told


def _trouble(now: SourceStatus, before: SourceStatus | None) -> list[str]:
    """Why the branch can't be fetched, where something else is wrong as well."""
    trouble = now.git.trouble if now.git is not None else None
    known = before.git.trouble if before is not None and before.git is not None else None
    return [one_line(trouble)] if trouble is not None and trouble not in {known, now.error} else []


def _failed(error: str, now: SourceStatus) -> str:
    """What is wrong with a branch says by itself what was not applied, and the commit before it is kept up."""
    return one_line(error) if now.git is not None else f"not applied, nothing was changed: {one_line(error)}"


def _changed(now: SourceStatus) -> str:
    return f"revision {now.revision}: {_count(now.changed, 'change')} from {now.source}{_at(now)}"


def _at(now: SourceStatus) -> str:
    return f" at {now.commit[:10]}" if now.git is not None and now.commit is not None else ""


def _held(key: str, revision: int, drifts: bool) -> str:
    state = "differs from its manifest and stays so" if drifts else "is as its manifest says"
    return f"{key} is held by the rollback that made revision {revision}: it {state}"


def _error(result: Result) -> str | None:
    if result.error is None:
        return None
    errors = sum(not problem.warning for problem in result.problems)
    error = _count(errors, "problem") + " in the manifests" if errors else result.error
    return f"{result.rejected}: {error}" if result.rejected is not None else error


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
