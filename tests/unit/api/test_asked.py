import pytest

from reconciler.api.asked import (
    AdoptAsked,
    ManifestsAsked,
    PlanAsked,
    ResetAsked,
    ResumeAsked,
    RevokeAsked,
    RollbackAsked,
)
from reconciler.api.forms import from_json, to_json
from reconciler.api.intents import Intention, Text
from reconciler.control.plan.artefact import InputFile
from reconciler.resources.resource import ResourceKey

KEY = ResourceKey("Model", "default", "m")
INTENTION = Intention((Text("a", 1, "x"),))


@pytest.mark.parametrize(
    "asked",
    [
        ManifestsAsked(INTENTION, "why", stranding=False),
        PlanAsked(INTENTION, (InputFile("a", "0" * 64),)),
        RollbackAsked(3, frozenset({KEY}), "why", dry_run=True),
        ResumeAsked("git"),
        AdoptAsked((KEY,), INTENTION, None, force=True),
        RevokeAsked(("ci",)),
        ResetAsked((KEY,)),
    ],
    ids=lambda asked: type(asked).__name__,
)
def test_what_is_asked_travels(asked: object) -> None:
    assert from_json(to_json(asked, type(asked)), type(asked)) == asked
