"""What a principal may write, and what of a plan it may see: asked of every write that a listener carries out."""

from collections.abc import Iterable
from dataclasses import replace

from reconciler.control.considering import Considered
from reconciler.control.foreign_secrets import check_kept, check_sealed
from reconciler.control.outcome import Broken
from reconciler.control.permission import check_manager, check_read, check_write
from reconciler.control.plan.model import Plan
from reconciler.control.proposal import Proposal, Wanted
from reconciler.control.review import Review
from reconciler.control.source import LEGACY_SOURCE
from reconciler.errors import Forbidden
from reconciler.resources.principal import Principal
from reconciler.resources.resource import ResourceKey, source_manager


def check_keys(who: Principal, keys: Iterable[ResourceKey]) -> None:
    """Raises Forbidden where one of them is in a namespace that `who` has nothing to do with."""
    for namespace in sorted({key.namespace for key in keys}):
        check_read(who, namespace)


def check_plan(who: Principal, plan: Plan) -> None:
    """A plan is refused whole where it touches what `who` may not even see."""
    check_keys(who, (change.key for change in plan.edits))
    check_keys(who, (conflict.key for conflict in plan.conflicts))


def check_source(who: Principal, wanted: Wanted) -> None:
    """Raises Forbidden where the source is another's, whatever the manager is called: a prune goes by the source."""
    if wanted.source is not None:
        check_manager(who, source_manager(wanted.source.name))


def check_proposal(who: Principal, proposal: Proposal) -> None:
    """What stands between a principal and a plan that it may see; its changes are looked at when they are committed."""
    check_plan(who, proposal.plan)
    if proposal.renamed_from not in (None, LEGACY_SOURCE):
        check_manager(who, source_manager(str(proposal.renamed_from)))
    check_sealed(who, proposal.plan.changes, proposal.entries)
    check_kept(who, proposal.plan.edits)


def check_edits(who: Principal, plan: Plan, manager: str) -> None:
    """As they are looked at when they are committed."""
    if not who.is_local:
        check_write(who, plan.edits, manager)


def hidden(who: Principal, error: Broken) -> bool:
    """Whether what is broken is nothing that `who` may see."""
    return any(problem.key is not None and not who.sees(problem.key.namespace) for problem in error.problems)


def seen_by(who: Principal, considered: Considered) -> Considered:
    """Without what else the source has in namespaces that `who` does not see. Of a plan that is permitted."""
    if who.namespaces is None:
        return considered
    plan = plan_seen_by(who, considered.proposal.plan)
    return replace(
        considered,
        proposal=replace(considered.proposal, plan=plan),
        review=replace(review_seen_by(who, considered.review), plan=plan),
    )


def plan_seen_by(who: Principal, plan: Plan) -> Plan:
    return replace(
        plan,
        undeclared=tuple(key for key in plan.undeclared if who.sees(key.namespace)),
        held=tuple(each for each in plan.held if who.sees(each.key.namespace)),
        waiting=tuple(each for each in plan.waiting if who.sees(each.key.namespace)),
        releases=tuple(each for each in plan.releases if who.sees(each[0].namespace)),
    )


def review_seen_by(who: Principal, review: Review) -> Review:
    effects = tuple(each for each in review.impact.effects if who.sees(each.namespace))
    return replace(
        review,
        plan=plan_seen_by(who, review.plan),
        impact=replace(review.impact, effects=effects),
        drift=tuple(each for each in review.drift if who.sees(each.key.namespace)),
        dependents={key: found for key, found in review.dependents.items() if who.sees(key.namespace)},
    )


def check_everywhere(who: Principal) -> None:
    """Raises Forbidden for who is let into some namespaces alone: it is about all of them."""
    if who.namespaces is not None:
        raise Forbidden(f"{who.name} may go into some namespaces alone, and this is about all of them")
