"""What of it travels comes back as it was."""

from pathlib import Path

import pytest

from reconciler.api.asked import DoctorAsked, DropAsked, PruneAsked
from reconciler.api.form_schemas import schema_of
from reconciler.api.forms import from_json, to_json
from reconciler.api.upkeep import Begun, Dropped, Finding, Rotated, Searched
from reconciler.control.rotation import Need
from reconciler.control.secret_search import Find
from reconciler.resources.resource import ResourceKey
from reconciler.store.compaction import Compaction, Keep

NEED = Need(ResourceKey("Secret", "default", "s"), "spec.data.K", "abc", now=True)


@pytest.mark.parametrize(
    "value",
    [
        Finding("disk", "warning", "it is full", "why", "what"),
        Searched(
            3, (Find(Path("/a"), "Provider/p", "base64", 7, 2, packed=True),), ("x",), ("y",), ("z",), 1
        ),
        Rotated("abc", 2, older=True, needs=(NEED,), begun=Begun("abc", Path("/k"))),
        Rotated("abc", 0, older=False, begun=Begun("abc")),
        Dropped(Path("/k"), "abc", ("def",), 1),
        Compaction(9, 7, 3, 1, None),
        PruneAsked(Keep(3), dry_run=True),
        DoctorAsked(online=True),
        DropAsked(),
    ],
)
def test_it_travels(value: object) -> None:
    assert from_json(to_json(value, type(value)), type(value)) == value
    assert schema_of(type(value))["additionalProperties"] is False
