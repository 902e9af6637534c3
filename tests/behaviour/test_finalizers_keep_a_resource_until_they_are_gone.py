"""What has finalizers is marked by a delete: gone for all but its record, until the last finalizer is taken away."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import kept
from fakes.by_hand import ADA, merged, owned, written
from fakes.providers import PlainBuilder
from fakes.running import routerctl, said
from fakes.workshop import PROVIDER, UNGUARDED, Workshop, binding, model, secret, simulator, text_of

from reconciler.control.guards import PROTECTED
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.plan.model import Action
from reconciler.errors import Refused
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.snapshot import compile as compiler
from reconciler.snapshot.compile import EMPTY, Compilation
from reconciler.store.verify import verify

DRAIN, AUDIT = "example.com/drain", "example.com/audit"
BINDING = ResourceKey("Binding", "default", "b")


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def finalized(resource: Resource, *finalizers: str) -> Resource:
    return replace(resource, finalizers=tuple(sorted(finalizers)))


def serving(shop: Workshop, *finalizers: str) -> None:
    """Two providers of a model; the first has finalizers."""
    shop.write("sim.yaml", finalized(simulator(), *(finalizers or (DRAIN,))), binding("b", "m", "sim"))
    shop.write("other.yaml", simulator("other"), model(), binding("c", "m", "other"))
    shop.apply()


def delete(shop: Workshop, *keys: ResourceKey) -> None:
    written(shop, dict.fromkeys(keys or (PROVIDER, BINDING)))


def let_go(shop: Workshop, *left: str) -> None:
    """The finalizers but `left` are done."""
    written(shop, {PROVIDER: merged({"metadata": {"finalizers": [*left] or None}})})


def events(shop: Workshop) -> list[tuple[str, str]]:
    head = shop.reader.head()
    return [(event.type, str(event.key)) for event in shop.reader.events(head)]


def served(shop: Workshop, before: Compilation = EMPTY) -> Compilation:
    """What a gateway follows to."""
    changes = shop.reader.changes_between(before.snapshot.revision, shop.reader.head())
    return compiler.compile(before, changes, shop.reader.head(), PlainBuilder())


def providers(compilation: Compilation) -> list[str]:
    found = compilation.snapshot.namespace("default").find("m")
    assert found is not None
    return [candidate.provider for candidate in found[0].candidates]


def test_a_delete_marks_and_the_last_finalizer_ends_it(shop: Workshop) -> None:
    serving(shop, DRAIN, AUDIT)
    before = shop.stored()
    delete(shop)
    assert events(shop) == [("DELETED", "Binding/b"), ("MODIFIED", "Provider/sim")]
    marked = shop.stored()
    head = shop.reader.head_revision()
    assert head is not None
    assert marked.resource == replace(before.resource, deletion_timestamp=head.time)
    assert (marked.uid, marked.managed_fields, marked.source, marked.path) == (
        before.uid,
        before.managed_fields,
        before.source,
        before.path,
    )
    let_go(shop, AUDIT)
    assert events(shop) == [("MODIFIED", "Provider/sim")]
    assert shop.stored().resource.deletion_timestamp == head.time
    let_go(shop)
    assert events(shop) == [("DELETED", "Provider/sim")]
    assert shop.reader.get(PROVIDER) is None
    assert verify(shop.reader) == []


def test_a_second_delete_changes_nothing(shop: Workshop) -> None:
    serving(shop)
    delete(shop)
    head = shop.reader.head_revision()
    delete(shop, PROVIDER)
    assert shop.reader.head_revision() == head


def test_nobody_new_can_wait_for_the_end(shop: Workshop) -> None:
    serving(shop)
    delete(shop)
    with pytest.raises(Refused, match=r"no new finalizers can be added to it \(example.com/audit\)"):
        let_go(shop, AUDIT, DRAIN)


def test_the_gateway_lets_go_at_once(shop: Workshop) -> None:
    serving(shop)
    before = served(shop)
    assert providers(before) == ["sim", "other"]
    delete(shop)
    for now in (served(shop, before), served(shop)):
        assert providers(now) == ["other"]
        assert PROVIDER not in now.snapshot.upstreams
        assert PROVIDER not in now.resources


def test_what_is_referred_to_is_not_marked_and_what_is_marked_not_referred_to(shop: Workshop) -> None:
    serving(shop)
    with pytest.raises(InvalidManifests, match="refers to Provider/sim, which would be deleted"):
        delete(shop, PROVIDER)
    delete(shop)
    shop.write("sim.yaml", binding("b", "m", "sim"))
    with pytest.raises(
        InvalidManifests, match="refers to Provider/sim, which is being deleted; it waits for"
    ):
        shop.apply()
    secrets = shop.write("secret.yaml", finalized(secret(KEY="sk-1"), DRAIN))
    shop.apply(secrets)
    delete(shop, ResourceKey("Secret", "default", "keys"))
    with pytest.raises(InvalidManifests, match="refers to Secret/keys, which is being deleted"):
        written(
            shop,
            {
                ResourceKey("Provider", "default", "other"): merged(
                    {
                        "spec": {
                            "type": "openai-compatible",
                            "config": {
                                "baseURL": "https://a.example/v1",
                                "apiKey": {"valueFrom": {"secret": {"name": "keys", "key": "KEY"}}},
                            },
                        }
                    }
                )
            },
        )


def test_its_names_are_free(shop: Workshop) -> None:
    shop.write("a.yaml", finalized(model("m", aliases=["fast"]), DRAIN))
    shop.apply()
    delete(shop, ResourceKey("Model", "default", "m"))
    shop.write("a.yaml", model("n", aliases=["fast"]))
    shop.apply()
    assert {key.name for key in shop.reader.state().lasting()} == {"n"}


def test_a_prune_marks_once_and_counts_it_once(shop: Workshop) -> None:
    serving(shop)
    (shop.folder / "sim.yaml").unlink()
    plan = shop.apply(prune=True).proposal.plan
    assert [change.marks for change in plan.changes] == [(), (DRAIN,)]
    assert plan.counts()[Action.DELETE] == 2
    assert shop.stored().resource.terminating
    again = shop.apply().proposal.plan
    assert (again.changes, again.undeclared) == ((), ())
    assert shop.apply(prune=True).proposal.plan.empty


def test_guards_count_the_mark_as_the_delete_that_it_is(shop: Workshop) -> None:
    shop.write("a.yaml", *(finalized(simulator(f"p{each}"), DRAIN) for each in range(12)))
    shop.write("b.yaml", simulator("one"), simulator("two"))
    shop.apply()
    (shop.folder / "a.yaml").unlink()
    with pytest.raises(Refused, match="would delete 12 of the 14 resources"):
        shop.apply(prune=True)
    shop.apply(prune=True, guards=UNGUARDED)
    shop.write("b.yaml", simulator("three"))
    with pytest.raises(Refused, match="all that the source holds: Provider/one, Provider/two"):
        shop.apply(prune=True)


def test_what_is_protected_is_not_marked(shop: Workshop) -> None:
    shop.write("a.yaml", replace(finalized(simulator(), DRAIN), annotations={PROTECTED: "true"}))
    shop.apply()
    with pytest.raises(Refused, match="protected from being deleted: Provider/sim"):
        delete(shop, PROVIDER)


def test_finalizers_are_a_set_in_which_each_manager_has_its_own(shop: Workshop) -> None:
    first = shop.write("../one/a.yaml", finalized(simulator(), DRAIN, AUDIT))
    second = shop.write("../two/a.yaml", finalized(simulator(), DRAIN))
    shop.apply(first, source="one")
    shop.apply(second, source="two")
    written(shop, {PROVIDER: merged({"metadata": {"finalizers": [DRAIN, AUDIT, "by-hand"]}})})
    assert shop.stored().resource.finalizers == ("by-hand", AUDIT, DRAIN)
    of = {
        manager: {each for each in fields if "finalizers" in each}
        for manager, fields in owned(shop.stored()).items()
    }
    assert of == {
        "git:one": {f'metadata.finalizers[="{AUDIT}"]', f'metadata.finalizers[="{DRAIN}"]'},
        "git:two": {f'metadata.finalizers[="{DRAIN}"]'},
        ADA: {'metadata.finalizers[="by-hand"]'},
    }
    shop.write("../one/a.yaml", simulator())
    assert shop.apply(first, source="one").proposal.plan.conflicts == ()
    assert shop.stored().resource.finalizers == ("by-hand", DRAIN)
    assert shop.propose(second, source="two").plan.empty


def test_an_order_is_no_difference(shop: Workshop) -> None:
    shop.write("a.yaml", finalized(simulator(), DRAIN, AUDIT))
    shop.apply()
    text = json.loads(text_of([simulator()]))
    text["metadata"]["finalizers"] = [DRAIN, AUDIT]
    (shop.folder / "a.yaml").write_text(json.dumps(text))
    assert shop.propose().plan.empty


def test_an_apply_waits_and_the_one_after_the_end_makes_it_anew(shop: Workshop) -> None:
    serving(shop)
    first = shop.stored()
    delete(shop)
    shop.write("sim.yaml", finalized(simulator(text="other words"), DRAIN, "example.com/new"))
    done = shop.apply()
    assert done.proposal.plan.empty
    (waiting,) = done.proposal.plan.waiting
    assert waiting.key == PROVIDER
    assert waiting.reason == (
        f"being deleted since {shop.stored().resource.deletion_timestamp}, waits for finalizers: {DRAIN}; "
        "the apply after they are gone makes it anew"
    )
    let_go(shop)
    shop.apply()
    assert shop.text() == "other words"
    assert not shop.stored().resource.terminating
    assert shop.stored().uid != first.uid


def test_an_apply_takes_back_the_finalizers_of_its_source_alone(shop: Workshop) -> None:
    serving(shop)
    written(shop, {PROVIDER: merged({"metadata": {"finalizers": [DRAIN, AUDIT]}})})
    delete(shop)
    shop.write("sim.yaml", simulator(text="other words"))
    shop.apply()
    assert shop.stored().resource.finalizers == (AUDIT,)
    assert shop.text() is not None
    assert shop.text() != "other words"
    let_go(shop)
    shop.write("sim.yaml", finalized(simulator(), DRAIN))
    shop.apply()
    delete(shop, PROVIDER)
    shop.write("sim.yaml", simulator())
    plan = shop.apply().proposal.plan
    assert [change.told for change in plan.changes] == [Action.DELETE]
    assert shop.reader.get(PROVIDER) is None


def test_a_resync_goes_on_without_what_refers_to_it(shop: Workshop) -> None:
    serving(shop)
    delete(shop)
    shop.write("more.yaml", simulator("more"), binding("d", "m", "more"))
    result = shop.reconcile()
    assert {waiting.key: waiting.reason.partition(",")[0] for waiting in result.waiting} == {
        PROVIDER: f"being deleted since {shop.stored().resource.deletion_timestamp}",
        BINDING: "refers to Provider/sim",
    }
    assert ResourceKey("Binding", "default", "d") in shop.reader.state()
    let_go(shop)
    shop.reconcile()
    assert {BINDING, PROVIDER} <= {*shop.reader.state().lasting()}


def test_a_rollback_marks_and_takes_a_deletion_back(shop: Workshop) -> None:
    shop.write("a.yaml", simulator("other"))
    shop.apply()
    shop.write("b.yaml", finalized(simulator(), DRAIN))
    shop.apply()
    there = shop.stored()
    shop.rollback(1)
    assert shop.stored().resource.terminating
    assert shop.rollback(1).plan.empty
    shop.rollback(2)
    assert shop.stored().resource == there.resource
    assert shop.stored().uid == there.uid
    shop.rollback(3)
    assert shop.stored().resource.terminating
    let_go(shop)
    shop.rollback(3)
    assert shop.stored().resource.terminating
    assert shop.stored().uid != there.uid
    assert verify(shop.reader) == []


def test_a_kept_plan_marks_and_is_known_to_be_applied(shop: Workshop) -> None:
    serving(shop)
    (shop.folder / "sim.yaml").unlink()
    plan = kept.plan(shop, prune=True)
    assert kept.apply_plan(shop, plan).already is None
    assert shop.stored().resource.terminating
    assert kept.apply_plan(shop, plan).already == shop.reader.head()
    let_go(shop)
    assert kept.apply_plan(shop, plan).already == shop.reader.head() - 1


def test_a_kept_plan_that_ends_it(shop: Workshop) -> None:
    serving(shop)
    delete(shop)
    shop.write("sim.yaml", simulator())
    plan = kept.plan(shop)
    assert kept.apply_plan(shop, plan).already is None
    assert shop.reader.get(PROVIDER) is None
    assert kept.apply_plan(shop, plan).already == shop.reader.head()


def test_an_export_holds_finalizers_and_nothing_that_is_being_deleted(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    (tmp_path / "m").mkdir()
    sim = finalized(simulator(), DRAIN)
    (tmp_path / "m" / "a.yaml").write_text(text_of([sim, finalized(simulator("other"), AUDIT)]))
    routerctl(db, "apply", "-f", str(tmp_path / "m"), "--source", "s")
    routerctl(db, "delete", "provider/other")
    exported = routerctl(db, "export")
    assert DRAIN in exported
    assert "other" not in exported
    named = said(db, "export", "provider/other")
    assert (named.code, named.out) == (0, "")
    assert "Provider/other is left out: it is being deleted since" in named.err
    out = tmp_path / "out"
    routerctl(db, "export", "--dir", str(out), "--source", "s")
    assert [file.name for file in out.rglob("*.yaml")] == ["sim.yaml"]
    (tmp_path / "m" / "a.yaml").write_text(exported)
    again = routerctl(db, "apply", "-f", str(tmp_path / "m"), "--source", "s")
    assert "No changes" in again


def test_what_people_are_told(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    (tmp_path / "a.yaml").write_text(text_of([finalized(simulator(), DRAIN)]))
    routerctl(db, "apply", "-f", str(tmp_path / "a.yaml"))
    note = f"waits for finalizers: {DRAIN}"
    dry = routerctl(db, "delete", "provider/sim", "--dry-run").splitlines()
    assert dry[0].startswith("- Provider/sim")
    assert dry[0].endswith(f"(delete; {note})")
    assert dry[1:] == [f"provider/sim marked for deletion; {note} (dry run)"]
    assert routerctl(db, "delete", "provider/sim").startswith(f"provider/sim marked for deletion; {note}\n")
    again = routerctl(db, "delete", "provider/sim")
    assert again.startswith("provider/sim not deleted again; being deleted since ")
    assert again.endswith(f", {note}\n")
    assert "Terminating" in routerctl(db, "get", "provider/sim")
    whole = json.loads(routerctl(db, "get", "provider/sim", "-o", "json"))
    assert whole["metadata"]["finalizers"] == [DRAIN]
    since = whole["metadata"]["deletionTimestamp"]
    (ready,) = [each for each in whole["status"]["conditions"] if each["type"] == "Ready"]
    assert (ready["status"], ready["reason"], ready["lastTransitionTime"]) == ("False", "Terminating", since)
    described = routerctl(db, "describe", "provider/sim")
    assert f"Finalizers:   {DRAIN}\n" in described
    assert f"Deleting:     since {since} (" in described
    waited = said(db, "wait", "provider/sim", "--for=delete", "--timeout", "0")
    assert (waited.code, f"Provider/sim: being deleted since {since}, {note}" in waited.err) == (7, True)
    assert said(db, "wait", "provider/sim", "--for=create", "--timeout", "0").code == 7
    shown = routerctl(db, "show", "head")
    assert f"(delete; {note})" in shown
    back = said(db, "diff", "--from", "head", "--to", "head~1")
    assert "its deletion is taken back" in back.out
    labeled = routerctl(db, "label", "provider/sim", "a=b")
    assert labeled.startswith(f"provider/sim labeled; being deleted since {since}, {note}\n")
    patch = '[{"op": "remove", "path": "/metadata/finalizers"}]'
    ended = routerctl(db, "patch", "provider/sim", "--type", "json", "-p", patch)
    assert ended.startswith("provider/sim patched and deleted: no finalizer is left\n")
    assert routerctl(db, "wait", "provider/sim", "--for=delete", "--timeout", "0") == (
        "provider/sim condition met\n"
    )
    assert said(db, "history", "verify").code == 0
