"""What is answered: for people in a few words, and for `routerctl` as typed values."""

from reconciler.api import outcomes
from reconciler.api.forms import to_json
from reconciler.control.adopt import Adopted
from reconciler.control.considering import Considered
from reconciler.control.plan.model import Plan
from reconciler.control.review import Review
from reconciler.control.rollback import RolledBack
from reconciler.json_types import JsonObject
from reconciler.management.rest.answers import Answer
from reconciler.store.records import Hold, Revision


def considered(found: Considered) -> Answer:
    return Answer({**summary(found.proposal.plan), "considered": outcomes.considered_json(found)})


def applied_plan(plan: Plan, head: Revision, already: int | None) -> JsonObject:
    return {
        **summary(plan),
        "changed": already is None and not plan.empty,
        "already": already,
        "head": to_json(head, Revision),
    }


def review(found: Review) -> Answer:
    return Answer({**summary(found.plan), "review": to_json(found, Review)})


def rolled_back(done: RolledBack) -> Answer:
    body = {**summary(done.plan), "rolledBack": to_json(done, RolledBack)}
    return Answer(body, revision=done.revision.number)


def resumed(holds: tuple[Hold, ...]) -> Answer:
    return Answer({"resumed": to_json(holds, tuple[Hold, ...])})


def adopted(done: Adopted) -> Answer:
    return Answer({"adopted": to_json(done, Adopted)})


def summary(plan: Plan) -> JsonObject:
    """For people: what would be done, or was."""
    counts = plan.counts()
    return {
        "changed": not plan.empty,
        "summary": {action.value: count for action, count in counts.items()},
        "changes": [f"{change.told.value} {change.key}" for change in plan.changes],
    }
