import json

import pytest

from reconciler.control.model_sync import Clash, Gone, Synced
from reconciler.control.model_sync_form import synced_data, synced_of
from reconciler.json_types import JsonValue
from reconciler.resources.resource import Resource, ResourceKey

FOUND = Synced(
    ResourceKey("Provider", "team-a", "up"),
    3,
    (
        Resource(ResourceKey("Model", "team-a", "m"), {"aliases": ["x/m"]}),
        Resource(ResourceKey("Binding", "team-a", "m-up"), {"model": "m"}),
    ),
    ("left",),
    (Clash("a", "taken"),),
    (Gone(ResourceKey("Binding", "team-a", "b"), "old", prunable=True),),
    2,
    more=True,
)


@pytest.mark.parametrize(
    "found", [FOUND, Synced(ResourceKey("Provider", "default", "up"), problem="gone")], ids=["all", "none"]
)
def test_it_travels_as_json(found: Synced) -> None:
    assert synced_of(json.loads(json.dumps(synced_data(found)))) == found


@pytest.mark.parametrize(
    "change",
    [
        {"offered": "3"},
        {"left": 1},
        {"clashes": [1]},
        {"resources": [{}]},
        {"resources": [{"spec": {}, "kind": "Model"}]},
        {"gone": [{}]},
    ],
)
def test_what_is_none_is_refused(change: dict[str, JsonValue]) -> None:
    wrong: list[JsonValue] = [{**synced_data(FOUND), **change}, None, [], {}]
    for data in wrong:
        with pytest.raises(ValueError, match="not what a sync"):
            synced_of(data)
