"""How revisions are shown."""

from collections import Counter
from collections.abc import Sequence

from reconciler.json_types import JsonObject
from reconciler.resources.resource import local_manager, source_manager
from reconciler.store.records import Problem, Revision

_DECLARING = frozenset({"apply", "apply-plan", "import", "up", "sync"})


def revision_json(revision: Revision, changes: Counter[str]) -> JsonObject:
    """`changes` counts the types of the revision's events."""
    return {
        "number": revision.number,
        "parent": revision.parent,
        "time": revision.time,
        "actor": revision.actor,
        "operation": revision.operation,
        "manager": manager_of(revision),
        "source": revision.source,
        "commit": revision.commit,
        "dirty": revision.dirty,
        "message": revision.message,
        "digest": revision.digest,
        "changes": {
            "created": changes["ADDED"],
            "updated": changes["MODIFIED"],
            "deleted": changes["DELETED"],
        },
    }


def verification_json(
    head: Revision, problems: Sequence[Problem], compacted: int, sealed: int, opened: int
) -> JsonObject:
    """Contents are proved from revision `compacted` on; `opened` of the `sealed` values could be opened."""
    return {
        "valid": not problems,
        "head": {"number": head.number, "digest": head.digest or None},
        "wholeFrom": compacted,
        "sealedValues": {"held": sealed, "opened": opened},
        "problems": [
            {
                "revision": problem.revision or None,
                "key": str(problem.key) if problem.key is not None else None,
                "message": problem.message,
            }
            for problem in problems
        ],
    }


def commit_text(revision: Revision) -> str | None:
    """The commit, shortened, with a + where the checkout held more than it."""
    return short_commit(revision.commit, dirty=revision.dirty)


def short_commit(commit: str | None, *, dirty: bool) -> str | None:
    return None if commit is None else commit[:10] + ("+" if dirty else "")


def manager_of(revision: Revision) -> str | None:
    """The field manager that a revision's changes belong to; None where it gave back what others manage.

    As `apply` and `up` have it: the source's where there is one, else that of who asked: a principal, or a user of that machine.
    """
    if revision.operation not in _DECLARING:
        return None
    if revision.source is not None:
        return source_manager(revision.source)
    return f"api:{revision.actor}" if ":" in revision.actor else local_manager(revision.actor)
