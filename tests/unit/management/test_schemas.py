import json

from reconciler.management.schemas import schemas
from reconciler.resources.kinds import KINDS


def test_every_reference_leads_to_a_schema() -> None:
    found = schemas()
    assert set(KINDS) | {"SeedProvider", "SeedModel", "ServedModel"} <= set(found)
    text = json.dumps(found)
    named = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert named <= set(found)
    assert "$defs" not in text
