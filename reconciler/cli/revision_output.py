"""How revisions are shown."""

from collections import Counter

from reconciler.json_types import JsonObject
from reconciler.store.records import Revision


def revision_json(revision: Revision, changes: Counter[str]) -> JsonObject:
    """`changes` counts the types of the revision's events."""
    return {
        "number": revision.number,
        "parent": revision.parent,
        "time": revision.time,
        "actor": revision.actor,
        "operation": revision.operation,
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


def commit_text(revision: Revision) -> str | None:
    """The commit, shortened, with a + where the checkout held more than it."""
    if revision.commit is None:
        return None
    return revision.commit[:10] + ("+" if revision.dirty else "")
