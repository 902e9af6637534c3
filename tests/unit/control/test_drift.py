from dataclasses import replace
from pathlib import Path

from fakes.by_hand import merged, written
from fakes.night import ADA, applied, deleted, patched
from fakes.workshop import PROVIDER, Workshop, remote, simulator, text_of, workshop

from reconciler.control.drift import Drift, Drifts
from reconciler.resources.resource import Resource


def drifts(shop: Workshop, *paths: Path, prune: bool = False) -> tuple[Drift, ...]:
    """Of the source that the workshop's folder is."""
    managers = [shop.wanted().manager]
    return Drifts(managers, shop.reader).of_plan(shop.propose(*paths, prune=prune).plan)


def told(found: tuple[Drift, ...]) -> list[tuple[str | None, object, object, str, int, str]]:
    return [
        (each.field, each.declared, each.live, each.manager, each.revision.number, each.revision.message)
        for each in found
    ]


WHY = "the provider flaps"


def declared(**spec: bool | int | str) -> Resource:
    return replace(simulator(), spec={**simulator().spec, **spec})


def test_what_was_set_by_hand_is_told_with_who_when_and_why() -> None:
    with workshop() as shop:
        shop.write("a.yaml", declared(enabled=True, priority=3))
        shop.apply()
        night = patched(shop, {"enabled": False})
        (found,) = drifts(shop)
        assert told((found,)) == [("spec.enabled", True, False, ADA, 2, WHY)]
        assert (found.key, found.revision) == (PROVIDER, night)


def test_the_revision_is_the_one_that_set_the_field_not_the_last_one() -> None:
    with workshop() as shop:
        shop.write("a.yaml", declared(enabled=True, priority=3))
        shop.apply()
        patched(shop, {"enabled": False})
        patched(shop, {"priority": 4})
        patched(shop, {"description": "not declared by the source"})
        assert [(field, number) for field, _, _, _, number, _ in told(drifts(shop))] == [
            ("spec.enabled", 2),
            ("spec.priority", 3),
        ]


def test_it_drifts_also_where_the_source_changed_its_mind_since() -> None:
    with workshop() as shop:
        shop.write("a.yaml", declared(priority=3))
        shop.apply()
        patched(shop, {"priority": 4})
        shop.write("a.yaml", declared(priority=5, description="more"))
        assert told(drifts(shop)) == [("spec.priority", 5, 4, ADA, 2, WHY)]


def test_a_field_that_was_taken_away_drifts() -> None:
    with workshop() as shop:
        shop.write("a.yaml", declared(description="ours", priority=1))
        shop.apply()
        patched(shop, {"description": None})
        assert told(drifts(shop)) == [("spec.description", "ours", None, ADA, 2, WHY)]


def test_a_resource_that_somebody_deleted_drifts_as_a_whole() -> None:
    with workshop() as shop:
        shop.write("a.yaml", declared())
        shop.apply()
        deleted(shop)
        assert told(drifts(shop)) == [(None, None, None, ADA, 2, WHY)]


def test_what_the_source_did_itself_is_no_drift() -> None:
    with workshop() as shop:
        shop.write("a.yaml", declared(priority=1, description="d"))
        shop.write("b.yaml", simulator("other"))
        shop.apply()
        shop.write("a.yaml", declared(priority=2))
        assert drifts(shop) == ()
        shop.apply()
        shop.write("a.yaml", declared(priority=3, description="again"))
        (shop.folder / "b.yaml").unlink()
        shop.apply(prune=True)
        shop.write("b.yaml", simulator("other"), simulator("new"))
        shop.write("a.yaml", declared(priority=4, description="again"))
        assert drifts(shop) == ()


def test_a_default_that_was_changed_drifts_once_the_source_declares_the_field() -> None:
    with workshop() as shop:
        shop.write("a.yaml", declared())
        shop.apply()
        patched(shop, {"enabled": False})
        assert drifts(shop) == ()
        shop.write("a.yaml", declared(enabled=True))
        assert told(drifts(shop)) == [("spec.enabled", True, False, ADA, 2, WHY)]


def test_what_stood_before_the_source_came_is_a_conflict_and_no_drift() -> None:
    with workshop() as shop:
        applied(shop, declared(priority=4))
        patched(shop, {"priority": 6})
        shop.write("a.yaml", declared(priority=5))
        assert len(shop.propose().plan.conflicts) == 1
        assert drifts(shop) == ()


def test_another_source_that_takes_over_by_force_is_drift() -> None:
    with workshop() as shop:
        shop.write("a.yaml", declared(priority=1))
        shop.apply()
        other = shop.root / "other.yaml"
        other.write_text((shop.folder / "a.yaml").read_text().replace('"priority": 1', '"priority": 2'))
        shop.apply(other, source="other", force=True)
        assert told(drifts(shop)) == [("spec.priority", 1, 2, "git:other", 2, "")]


def test_of_a_secret_no_value_is_told() -> None:
    with workshop() as shop:
        shop.write("a.yaml", remote(apiKey="sk-canary-of-day"))
        shop.apply()
        applied(shop, remote(apiKey="sk-canary-of-night"))
        (found,) = drifts(shop)
        assert (found.field, found.secret, found.manager) == ("spec.config.apiKey", True, ADA)
        assert "v-" not in f"{found.declared} {found.live}"
        assert "canary" not in repr(found)


def test_where_the_past_was_compacted_away_nobody_is_named() -> None:
    with workshop() as shop:
        shop.write("a.yaml", declared(priority=1))
        shop.apply()
        patched(shop, {"priority": 2})
        plan = shop.propose().plan

        class Compacted:
            revisions_of = shop.reader.revisions_of
            revision = shop.reader.revision

            def get(self, key: object, *, at: int | None = None) -> object:
                return None if at is not None else shop.reader.get(PROVIDER)

        assert Drifts([shop.wanted().manager], Compacted()).of_plan(plan) == ()  # type: ignore[arg-type]  # a store without its past


def test_the_name_before_a_renaming_counts() -> None:
    with workshop() as shop:
        shop.write("a.yaml", declared(priority=1))
        shop.apply()
        patched(shop, {"priority": 2})
        plan = shop.propose().plan
        assert Drifts(["git:new"], shop.reader).of_plan(plan) == ()
        assert len(Drifts(["git:new", shop.wanted().manager], shop.reader).of_plan(plan)) == 1


def beside(shop: Workshop) -> tuple[Drift, ...]:
    want = shop.wanted()
    resources = [item.resource for item in want.declared.values()]
    return Drifts([want.manager], shop.reader).beside(resources, shop.reader.state())


def test_what_was_set_by_hand_beside_what_is_declared_is_told() -> None:
    with workshop() as shop:
        shop.write("a.yaml", simulator(text="day"))
        shop.apply()
        assert beside(shop) == ()
        night = patched(shop, {"enabled": False})
        (found,) = beside(shop)
        assert told((found,)) == [("spec.enabled", None, False, ADA, 2, WHY)]
        assert found.revision == night
        shop.write("a.yaml", declared(enabled=False))
        assert beside(shop) == ()


def test_a_key_with_dots_beside_what_is_declared_has_its_value() -> None:
    with workshop() as shop:
        shop.write("a.yaml", simulator(text="day"))
        shop.apply()
        written(shop, {PROVIDER: merged({"metadata": {"annotations": {"acme.example/owner": "night"}}})})
        assert [item[:3] for item in told(beside(shop))] == [
            ("metadata.annotations.acme.example/owner", None, "night")
        ]


def test_what_another_source_declares_is_nobodys_drift() -> None:
    with workshop() as shop:
        other = shop.root / "other"
        other.mkdir()
        (other / "a.yaml").write_text(text_of([declared(priority=3)]))
        shop.write("a.yaml", simulator(text="day"))
        shop.apply()
        shop.apply(other, source="other")
        assert beside(shop) == ()


def test_who_marked_it_deleted_it_not_who_took_the_last_finalizer() -> None:
    with workshop() as shop:
        shop.write("a.yaml", replace(declared(), finalizers=("f",)))
        shop.apply()
        written(shop, {PROVIDER: None}, "cli:bob")
        assert drifts(shop) == ()
        written(shop, {PROVIDER: merged({"metadata": {"labels": {"a": "b"}}})})
        assert Drifts([shop.wanted().manager], shop.reader).beside([declared()], shop.reader.state()) == ()
        written(shop, {PROVIDER: merged({"metadata": {"finalizers": None}})})
        (found,) = drifts(shop)
        assert (found.field, found.revision.number) == (None, 2)


def test_what_the_source_marked_itself_is_no_drift() -> None:
    with workshop() as shop:
        shop.write("a.yaml", replace(declared(), finalizers=("f",)))
        shop.write("b.yaml", simulator("other"))
        shop.apply()
        (shop.folder / "a.yaml").unlink()
        shop.apply(prune=True)
        written(shop, {PROVIDER: merged({"metadata": {"finalizers": None}})})
        shop.write("a.yaml", declared())
        assert drifts(shop) == ()


def test_a_finalizer_that_others_add_is_no_drift() -> None:
    with workshop() as shop:
        shop.write("a.yaml", replace(declared(), finalizers=("f",)))
        shop.apply()
        written(shop, {PROVIDER: merged({"metadata": {"finalizers": ["f", "theirs"]}})})
        wanted = [item.resource for item in shop.wanted().declared.values()]
        assert Drifts([shop.wanted().manager], shop.reader).beside(wanted, shop.reader.state()) == ()
        assert drifts(shop) == ()
