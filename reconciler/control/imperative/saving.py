"""Rewrites applied to manifests instead of stored objects: an emergency fix becomes a commit.

A document that the files hold is changed where it stands; one that just the store holds is written to a file of its own,
as it was declared, and changed there. The files are read as `export --dir` reads them, and spliced as it writes them.
"""

from collections.abc import Mapping

from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.creation import Creation
from reconciler.control.imperative.rewriting import Rewrite
from reconciler.control.imperative.saving_checks import check_rules, checked
from reconciler.control.manifest.decode import Declared
from reconciler.control.manifest.document import without_nulls
from reconciler.control.manifest.round_trip.folder import FolderPlan, Manifests, created, updated
from reconciler.control.manifest.writer import in_usual_order, manifest
from reconciler.errors import InvalidInput, NotFound
from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey, StoredResource

Stored = Mapping[ResourceKey, StoredResource]


def plan_saving(
    manifests: Manifests, rewrites: Rewrites, stored: Stored, *, ignore_missing: bool = False
) -> FolderPlan:
    """What to change in the files. `stored`: what the store holds, if there is one.

    Raises NotFound for what neither holds, InvalidManifests where the result would break a rule, and what the rewrites
    and `plan_folder` raise.
    """
    held = {item.key: item for item in manifests.declared}
    changed: dict[str, dict[ResourceKey, JsonObject | None]] = {}
    new: dict[ResourceKey, JsonObject] = {}
    after: dict[ResourceKey, Resource | None] = {}
    for key, rewrite in rewrites.items():
        item = held.get(key)
        if rewrite is None:
            after[key] = None
        if item is None:
            wanted = _not_held(manifests, key, rewrite, stored.get(key), ignore_missing=ignore_missing)
            if wanted is not None:
                new[key], after[key] = wanted, checked(key, wanted)
            continue
        document = _held(item, rewrite)
        after[key] = checked(key, document) if document is not None else None
        changed.setdefault(item.document.file, {})[key] = document
    check_rules(held, stored, after)
    updates = [updated(manifests, file, documents) for file, documents in sorted(changed.items())]
    recorded = {key: manifests.recorded(stored[key]) if key in stored else None for key in new}
    changes = [each for each in updates if each.after != each.before]
    changes += created(manifests, new, recorded)
    return FolderPlan(manifests.folder, tuple(sorted(changes, key=lambda change: change.name)), (), ())


def _held(item: Declared, rewrite: Rewrite | None) -> JsonObject | None:
    if rewrite is None:
        return None
    wanted = rewrite(without_nulls(item.document.data))
    if not isinstance(wanted, dict):
        raise InvalidInput(f"{item.key}: what would be written is no object")
    return without_nulls(wanted)


def _not_held(
    manifests: Manifests,
    key: ResourceKey,
    rewrite: Rewrite | None,
    stored: StoredResource | None,
    *,
    ignore_missing: bool,
) -> JsonObject | None:
    """What is to stand in a file of its own; None: nothing is to be done."""
    if rewrite is not None and stored is not None:
        wanted = rewrite(manifest(stored))
    elif isinstance(rewrite, Creation):
        wanted = rewrite.make()
    elif ignore_missing or (rewrite is None and stored is not None):
        return None  # what no file declares can't be taken out of one
    else:
        raise NotFound(
            f"{key} is declared by no file below {manifests.folder}, and the store does not have it",
            hint="give the folder that holds its manifest",
        )
    if not isinstance(wanted, dict):
        raise InvalidInput(f"{key}: what would be written is no object")
    return in_usual_order(key, without_nulls(wanted))
