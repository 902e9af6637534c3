"""What came of a write, on its way back: without ciphertext, and of the store's state just what the plan is about."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reconciler.api.forms import from_json, to_json
from reconciler.api.writes import Changed, Granted, Imported, Planned
from reconciler.control.apply import Applied
from reconciler.control.considering import Considered
from reconciler.control.plan import artefact
from reconciler.control.plan.model import Plan
from reconciler.control.proposal import Proposal
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import ResourceKey
from reconciler.resources.state import State
from reconciler.store.tokens import Token


def lean(proposal: Proposal, keys: Iterable[ResourceKey] = ()) -> Proposal:
    """For who is shown it: what the vault will hold is nobody's business, nor is the rest of the state."""
    told = {*keys, *(change.key for change in proposal.plan.edits)}
    kept = (stored for key in sorted(told) if (stored := proposal.state.get(key)) is not None)
    return replace(proposal, state=State(kept, revision=proposal.state.revision), entries={}, holds=())


def considered_json(found: Considered) -> JsonObject:
    """The plan is told once."""
    review = replace(found.review, plan=Plan(found.review.plan.base))
    return _object(to_json(replace(found, proposal=lean(found.proposal), review=review), Considered))


def considered_from(document: JsonValue) -> Considered:
    found: Considered = from_json(document, Considered)
    return replace(found, review=replace(found.review, plan=found.proposal.plan))


def applied_json(done: Applied) -> JsonObject:
    return _object(to_json(replace(done, proposal=lean(done.proposal)), Applied))


def imported_json(done: Imported) -> JsonObject:
    return {"applied": applied_json(done.applied), "backup": done.backup}


def changed_json(done: Changed, keys: Iterable[ResourceKey]) -> JsonObject:
    return _object(to_json(replace(done, proposal=lean(done.proposal, keys)), Changed))


def planned_json(made: Planned) -> JsonObject:
    """`plan` is what `plan --out` writes."""
    return {
        "considered": considered_json(made.considered),
        "plan": artefact.document(made.artefact),
    }


def planned_from(document: JsonValue) -> Planned:
    told = _object(document)
    return Planned(
        considered_from(told.get("considered")), artefact.read_document(_object(told.get("plan")), "the plan")
    )


def granted_json(made: Granted) -> JsonObject:
    return _object(to_json(replace(made, token=without_hash(made.token)), Granted))


def tokens_json(tokens: Sequence[Token]) -> JsonValue:
    return to_json(tuple(without_hash(token) for token in tokens), tuple[Token, ...])


def without_hash(token: Token) -> Token:
    return replace(token, hash="")


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise InvalidInput("an object is expected")
    return value
