"""What a principal may, and what it leaves. That both ways do the same is told by tests/behaviour/both_ways."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.workshop import PROVIDER, Workshop, model, remote, simulator
from fakes.writing import here, someone, there

from reconciler.api.writes import Adoption, Change, Writes
from reconciler.control.imperative.creation import new
from reconciler.control.imperative.rewriting import Rewrite
from reconciler.control.patch.merge_patch import merge_patch
from reconciler.control.plan.artefact import Artefact
from reconciler.control.planned.files import digests
from reconciler.control.proposal import Wanted
from reconciler.errors import Conflict, Forbidden, NotFound, Refused
from reconciler.json_types import JsonObject
from reconciler.resources.principal import Principal, Role
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.store import audit

ACME = "git:acme"
VIEWER, OPERATOR = someone(Role.VIEWER), someone(Role.OPERATOR, ACME)
FAR = ResourceKey("Provider", "default", "far")
TEAM = ResourceKey("Model", "team", "m")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    made.write("a.yaml", simulator())
    yield made
    made.close()


def acme(shop: Workshop) -> Wanted:
    return shop.wanted(source="acme")


def patch(**spec: object) -> Rewrite:
    wanted: JsonObject = {"spec": spec}  # type: ignore[dict-item]  # JSON
    return lambda target: merge_patch(target, wanted)


def test_what_is_applied_is_applied_in_the_name_of_who_asks(shop: Workshop) -> None:
    done = there(shop, OPERATOR).apply(acme(shop), None, "why")
    assert (done.revision.actor, done.revision.source, done.revision.message) == ("token:ci", "acme", "why")
    assert [each.manager for each in shop.stored().managed_fields] == [ACME]
    row = audit.rows(shop.reader)[-1]
    assert (row.principal, row.address, row.manager, row.operation) == ("token:ci", "10.0.0.9", ACME, "apply")


def test_single_resources_are_managed_by_who_asks(shop: Workshop) -> None:
    shop.apply(source="acme")
    done = there(shop, OPERATOR).change(Change("patch", {PROVIDER: patch(priority=3)}, message="m"))
    assert done.revision is not None
    assert (done.revision.actor, done.revision.operation) == ("token:ci", "patch")
    assert {each.manager for each in shop.stored().managed_fields} == {ACME, "api:token:ci"}
    assert audit.rows(shop.reader)[-1].manager == "api:token:ci"
    made = there(shop, OPERATOR).change(Change("secret set", {TEAM: new(TEAM, {})}, sealing=True))
    assert made.proposal.plan.counts()
    rehearsed = there(shop, VIEWER).change(Change("patch", {PROVIDER: patch(priority=4)}, dry_run=True))
    assert rehearsed.revision is None


ANYTHING: list[Callable[[Writes, Workshop], object]] = [
    lambda writes, shop: writes.apply(acme(shop), None, ""),
    lambda writes, shop: writes.apply_import(replace(acme(shop), source=None), ""),
    lambda writes, shop: writes.change(Change("delete", {PROVIDER: None})),
    lambda writes, shop: writes.rollback(1, frozenset(), ""),
    lambda writes, shop: writes.resume("acme"),
    lambda writes, shop: writes.adopt(Adoption([PROVIDER], acme(shop))),
    lambda writes, shop: writes.reset_providers([PROVIDER]),
    lambda writes, shop: writes.ask_reload(),
    lambda writes, shop: writes.reloading(),
    lambda writes, shop: writes.apply_plan(kept(shop), ""),
]


def kept(shop: Workshop) -> Artefact:
    wanted = acme(shop)
    return here(shop).plan(wanted, None, digests(wanted)).artefact


def test_a_viewer_changes_nothing(shop: Workshop) -> None:
    shop.apply(source="acme")
    for ask in ANYTHING:
        with pytest.raises(Forbidden, match="needs the role operator"):
            ask(there(shop, VIEWER), shop)
    assert shop.reader.head() == 1


def test_and_looks_at_all_that_would_be_done(shop: Workshop) -> None:
    viewer, wanted = there(shop, VIEWER), acme(shop)
    assert len(viewer.consider(wanted, None).proposal.plan.changes) == 1
    with pytest.raises(Forbidden, match="needs the role operator"):
        viewer.consider(wanted, None, writing=True)
    lent = there(shop, someone(Role.OPERATOR, ACME))
    assert len(lent.consider(wanted, None, writing=True).proposal.plan.changes) == 1
    assert len(viewer.plan(wanted, None, ()).artefact.plan.changes) == 1
    shop.apply(source="acme")
    shop.write("a.yaml", simulator(text="x"))
    shop.apply(source="acme")
    assert len(viewer.way_back(1, frozenset()).plan.changes) == 1
    assert viewer.adopt(Adoption([PROVIDER], None, "acme", dry_run=True)).source == "acme"


@pytest.mark.parametrize(
    ("who", "manager", "message"),
    [
        (someone(), None, "git:acme"),
        (someone(Role.OPERATOR, "git:other"), None, "git:acme"),
        (someone(Role.OPERATOR, "ci"), "ci", "git:acme"),
        (OPERATOR, "deploy", "may not manage fields as deploy"),
    ],
)
def test_a_source_and_a_name_belong_to_whose_token_lists_them(
    shop: Workshop, who: Principal, manager: str | None, message: str
) -> None:
    with pytest.raises(Forbidden, match=message):
        there(shop, who).apply(acme(shop), manager, "")
    with pytest.raises(Forbidden, match=message):
        there(shop, who).consider(acme(shop), manager, writing=True)
    assert shop.reader.head() == 0


def test_names_of_others_are_refused(shop: Workshop) -> None:
    for name in ("cli:ada", "api:token:other"):
        with pytest.raises(Refused, match="somebody else"):
            there(shop, OPERATOR).apply(acme(shop), name, "")
    lent = someone(Role.OPERATOR, ACME, "deploy")
    assert there(shop, lent).apply(acme(shop), "deploy", "").revision.number == 1
    with pytest.raises(Forbidden, match="git:else"):
        there(shop, OPERATOR).adopt(Adoption([PROVIDER], None, "else"))


def test_guards_are_an_admins(shop: Workshop) -> None:
    settings = Resource(ResourceKey("Settings", "default", "default"), {"egress": {"allow": []}})
    shop.write("s.yaml", settings)
    with pytest.raises(Forbidden, match="only an admin changes"):
        there(shop, OPERATOR).apply(acme(shop), None, "")
    assert there(shop, someone(Role.ADMIN, ACME)).apply(acme(shop), None, "").revision.number == 1


def test_a_limited_principal_stays_in_its_namespaces(shop: Workshop) -> None:
    limited = there(shop, someone(Role.OPERATOR, ACME, namespaces=["team"]))
    for ask in (
        lambda: limited.apply(acme(shop), None, ""),
        lambda: limited.consider(acme(shop), None),
        lambda: limited.change(Change("delete", {PROVIDER: None})),
        lambda: limited.way_back(0, frozenset({PROVIDER})),
        lambda: limited.reset_providers([PROVIDER]),
        lambda: limited.adopt(Adoption([PROVIDER], None, "acme")),
        limited.ask_reload,
        lambda: limited.apply_import(replace(acme(shop), declared={}), ""),
    ):
        with pytest.raises(Forbidden):
            ask()
    shop.write("a.yaml", Resource(TEAM, {}))
    assert limited.apply(acme(shop), None, "").revision.number == 1
    shop.write("a.yaml", Resource(TEAM, {}), simulator())
    shop.apply(source="acme")
    shop.write("a.yaml", Resource(TEAM, {}))
    seen = limited.consider(acme(shop), None)
    assert seen.proposal.plan.undeclared == ()
    with pytest.raises(Forbidden, match="namespace default"):
        limited.consider(shop.wanted(source="acme", prune=True), None)
    with pytest.raises(Forbidden, match="namespace default"):
        limited.rollback(1, frozenset(), "")
    assert shop.reader.head() == 2


def test_what_is_broken_elsewhere_is_not_told(shop: Workshop) -> None:
    other = ResourceKey("Model", "other", "m")
    binding = Resource(ResourceKey("Binding", "other", "b"), {"model": "m", "provider": "p"})
    provider = Resource(ResourceKey("Provider", "other", "p"), {"type": "simulator", "config": {}})
    shop.write("a.yaml", Resource(other, {}), Resource(TEAM, {}))
    shop.apply(source="acme")
    shop.write("b.yaml", binding, provider)
    shop.apply(shop.folder / "b.yaml", source="else")
    (shop.folder / "b.yaml").unlink()
    shop.write("a.yaml", Resource(TEAM, {}))
    limited = there(shop, someone(Role.OPERATOR, ACME, namespaces=["team"]))
    with pytest.raises(Forbidden) as error:
        limited.apply(shop.wanted(source="acme", prune=True), None, "")
    assert "Binding" not in str(error.value)


def test_a_kept_plan_that_was_forged_gives_nobody_fields(shop: Workshop) -> None:
    """Else who may write a plan could let a provider's key go where a plan sends it."""
    shop.write("a.yaml", remote(apiKey="sk-canary"))
    wanted = acme(shop)
    made = there(shop, OPERATOR).plan(wanted, None, digests(wanted)).artefact
    (change,) = made.plan.changes
    (own,) = change.managed_fields
    forged = replace(change, managed_fields=(replace(own, manager="cli:ada"),))
    with pytest.raises(Forbidden, match="managed by cli:ada"):
        there(shop, OPERATOR).apply_plan(replace(made, plan=replace(made.plan, changes=(forged,))), "")
    with pytest.raises(Forbidden, match="git:acme"):
        there(shop, someone()).apply_plan(made, "")
    assert there(shop, OPERATOR).apply_plan(made, "").revision.number == 1


def test_a_providers_key_is_not_taken_along(shop: Workshop) -> None:
    """An operator points a provider elsewhere: its key stays, and is not sent there."""
    shop.write("a.yaml", remote(apiKey="sk-canary"))
    shop.apply(source="acme")
    sealed = shop.stored(FAR).resource.spec["config"]
    assert isinstance(sealed, dict)
    attacker = there(shop, someone())
    attacker.change(Change("patch", {FAR: patch(config={"baseURL": "https://evil.example/v1"})}))
    attacker.change(Change("patch", {FAR: patch(config={"apiKey": "sk-mine"})}, sealing=True))
    with pytest.raises(Forbidden, match="only an admin brings back a sealed value"):
        attacker.change(Change("patch", {FAR: patch(config={"apiKey": sealed["apiKey"]})}))


def test_what_is_held_is_ended_by_who_may_see_it(shop: Workshop) -> None:
    shop.apply(source="acme")
    shop.write("a.yaml", simulator(text="x"))
    shop.apply(source="acme")
    operator = there(shop, OPERATOR)
    assert operator.rollback(1, frozenset(), "").revision.actor == "token:ci"
    with pytest.raises(NotFound, match="nothing is held against zzz"):
        operator.resume("zzz")
    with pytest.raises(Forbidden):
        there(shop, someone(namespaces=["team"])).resume("acme")
    assert [hold.key for hold in operator.resume("acme")] == [PROVIDER]


def test_an_import_comes_after_a_backup(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="a"))
    wanted = replace(shop.wanted(), source=None)
    done = here(shop).apply_import(wanted, "import")
    assert done.backup is not None
    assert Path(done.backup).exists()
    assert [row.operation for row in audit.rows(shop.reader)][-2:] == ["backup", "import"]
    assert here(shop).apply_import(wanted, "import").backup is None
    there(shop, someone()).change(Change("patch", {PROVIDER: patch(config={"text": "x"})}))
    with pytest.raises(Conflict):
        here(shop).apply_import(wanted, "import")


def test_a_store_is_made_where_something_is_made_in_it(tmp_path: Path) -> None:
    made = Workshop(tmp_path)
    made.close()
    made.store = tmp_path / "none.db"
    key = ResourceKey("Model", "default", "m")
    rehearsed = here(made).change(Change("write", {key: new(key, {})}, dry_run=True))
    assert (len(rehearsed.proposal.plan.changes), made.store.exists()) == (1, False)
    assert here(made).change(Change("write", {key: new(key, {})})).revision is not None
    assert model("m").key == key
