"""What the routes of the upkeep do, for the OpenAPI document. Bodies and answers are made of the forms in `api`."""

from reconciler.api.asked import DoctorAsked, DropAsked, PruneAsked
from reconciler.api.form_schemas import schema_of
from reconciler.api.upkeep import COPY, KEY_PLACE, Dropped, Finding, Rotated, Searched
from reconciler.json_types import JsonObject
from reconciler.listener.access import Answered, Operation
from reconciler.management.rest import bodies, parameters
from reconciler.management.rest.operations import BUSY, shape
from reconciler.store.compaction import Compaction

GROUP = "Upkeep"


def _operation(
    name: str, summary: str, told: dict[str, JsonObject], body: object = None, *, keyed: bool = True
) -> Operation:
    return Operation(
        name,
        summary,
        {200: Answered("Done.", bodies.JSON, shape(told)), **BUSY},
        (bodies.JSON,) if body is not None else None,
        (parameters.IDEMPOTENCY_KEY,) if keyed else (),
        schema_of(body) if body is not None else {},
        group=GROUP,
    )


BACKUP = Operation(
    "backup",
    "A verified copy of the store: all revisions, and sealed values, which open with its key alone.",
    {
        200: Answered(
            f"An SQLite file. {KEY_PLACE} says where the key is looked for, which is not in it.", COPY, {}
        ),
        **BUSY,
    },
    group=GROUP,
)
PRUNE = _operation(
    "pruneHistory",
    "Remove contents of old revisions, for good. What each changed stays listed and proved.",
    {"pruned": schema_of(Compaction)},
    PruneAsked,
)
DOCTOR = _operation(
    "doctor",
    "Look for what is wrong where the store is: its files, key, clock, workers, listeners, and what its Providers would be refused for.",
    {"findings": {"type": "array", "items": schema_of(Finding)}},
    DoctorAsked,
    keyed=False,
)
SEARCH = _operation(
    "auditSecrets",
    "Look for every secret that the store knows in its own files: places are told, values never.",
    {"searched": schema_of(Searched)},
    keyed=False,
)
ROTATE = _operation(
    "rotateKey",
    "Put a new encryption key in front of the store's key file, and seal every value again under it.",
    {"rotated": schema_of(Rotated)},
)
DROP = _operation(
    "dropOldKeys",
    "Remove the older keys from the key file, where nothing that is stored now needs them.",
    {"dropped": schema_of(Dropped)},
    DropAsked,
)
