from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.workshop import CIPHER, Workshop, remote, simulator
from fakes.writing import someone

from reconciler.bootstrap import permitting
from reconciler.control import foreign_secrets
from reconciler.control.considering import Considered, consider
from reconciler.control.drift import Drift
from reconciler.control.manifest.document import Problem
from reconciler.control.outcome import Broken
from reconciler.control.plan.effects import Effect, Impact
from reconciler.control.plan.model import Action, Change, Held, Plan, ResourceConflict, Waiting
from reconciler.control.proposal import Proposal
from reconciler.control.review import Dependent
from reconciler.control.source import LEGACY_SOURCE
from reconciler.errors import Forbidden
from reconciler.resources.principal import Role
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.state import State
from reconciler.store.records import EMPTY_STORE

OURS, THEIRS = ResourceKey("Model", "team-a", "m"), ResourceKey("Model", "team-b", "m")
LIMITED = someone(namespaces=["team-a"])


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    yield made
    made.close()


def plan(*keys: ResourceKey, **more: object) -> Plan:
    changes = tuple(Change(Action.CREATE, key, None, Resource(key, {})) for key in keys)
    return Plan(1, changes, **more)  # type: ignore[arg-type]  # its own fields


def test_a_plan_is_refused_whole_where_it_leaves_the_namespaces() -> None:
    permitting.check_plan(LIMITED, plan(OURS))
    for foreign in (
        plan(OURS, THEIRS),
        plan(conflicts=(ResourceConflict(THEIRS, ()),)),
        replace(plan(), claims=plan(THEIRS).changes),
    ):
        with pytest.raises(Forbidden, match="in the namespace team-b"):
            permitting.check_plan(LIMITED, foreign)
        permitting.check_plan(someone(), foreign)
    with pytest.raises(Forbidden, match="some namespaces alone"):
        permitting.check_everywhere(LIMITED)
    permitting.check_everywhere(someone())


def test_a_source_is_its_own(shop: Workshop) -> None:
    shop.write("a.yaml", simulator())
    wanted = shop.wanted(source="acme", manager="ci")
    permitting.check_source(someone(Role.OPERATOR, "git:acme"), wanted)
    permitting.check_source(someone(), replace(wanted, source=None))
    with pytest.raises(Forbidden, match="git:acme"):
        permitting.check_source(someone(Role.OPERATOR, "ci"), wanted)


def test_the_former_name_of_a_source_is_its_own_too() -> None:
    proposal = Proposal(plan(), State(), {}, frozenset(), frozenset(), renamed_from="old")
    permitting.check_proposal(someone(Role.OPERATOR, "git:old"), proposal)
    permitting.check_proposal(someone(), replace(proposal, renamed_from=LEGACY_SOURCE))
    with pytest.raises(Forbidden, match="git:old"):
        permitting.check_proposal(someone(), proposal)


def test_a_sealed_value_of_before_comes_back_by_an_admin_alone(shop: Workshop) -> None:
    shop.write("a.yaml", remote(apiKey="sk-first"))
    first = shop.apply()
    shop.write("a.yaml", remote(apiKey="sk-second"))
    second = shop.apply().proposal
    operator = someone()
    foreign_secrets.check_sealed(operator, second.plan.changes, second.entries)
    back = replace(second.plan.changes[0], before=shop.stored(second.plan.changes[0].key))
    old = first.proposal.plan.changes[0].after
    with pytest.raises(Forbidden, match="only an admin brings back a sealed value"):
        foreign_secrets.check_sealed(operator, [replace(back, after=old)], {})
    foreign_secrets.check_sealed(someone(Role.ADMIN), [replace(back, after=old)], {})
    assert back.before is not None
    unchanged = [replace(back, after=None), replace(back, after=back.before.resource)]
    foreign_secrets.check_sealed(operator, unchanged, {})


def test_what_is_broken_elsewhere_is_hidden() -> None:
    told = [Problem(None, "x", OURS), Problem(None, "y")]
    assert not permitting.hidden(LIMITED, Broken(told, stranded=False))
    assert permitting.hidden(LIMITED, Broken([*told, Problem(None, "z", THEIRS)], stranded=False))


def test_nothing_of_others_is_shown(shop: Workshop) -> None:
    shop.write("a.yaml", simulator())
    found = consider(shop.wanted(), shop.reader, CIPHER, now="2026-01-01T00:00:00Z")
    drift = Drift(OURS, "f", 1, 2, secret=False, manager="x", revision=EMPTY_STORE)
    full = plan(
        OURS,
        undeclared=(OURS, THEIRS),
        held=(Held(THEIRS, 1, drifts=False),),
        waiting=(Waiting(THEIRS, "x"),),
        releases=((THEIRS, "s"), (OURS, "s")),
    )
    review = replace(
        found.review,
        plan=full,
        impact=Impact((Effect("lost-model", "team-a", "m"), Effect("lost-model", "team-b", "m"))),
        drift=(drift, replace(drift, key=THEIRS)),
        dependents={THEIRS: (Dependent(THEIRS, None, stranded=False),)},
    )
    whole = Considered(replace(found.proposal, plan=full), review)
    assert permitting.seen_by(someone(), whole) == whole
    seen = permitting.seen_by(LIMITED, whole)
    assert seen.review.plan == seen.proposal.plan == plan(OURS, undeclared=(OURS,), releases=((OURS, "s"),))
    assert [effect.namespace for effect in seen.review.impact.effects] == ["team-a"]
    assert ([each.key for each in seen.review.drift], seen.review.dependents) == ([OURS], {})
