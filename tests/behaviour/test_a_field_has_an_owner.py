"""Two managers and one field: who wins, who is asked, and what goes when nobody declares it any more."""

from pathlib import Path

import pytest
from fakes.workshop import PROVIDER, Workshop, model, simulator

from reconciler.control.apply import FieldConflicts
from reconciler.resources.resource import ResourceKey


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def owners(shop: Workshop, field: str) -> set[str]:
    """Who holds a field of the simulator's config."""
    found = set()
    for entry in shop.stored().managed_fields:
        spec = entry.fields.get("f:spec")
        config = spec.get("f:config") if isinstance(spec, dict) else None
        if isinstance(config, dict) and f"f:{field}" in config:
            found.add(entry.manager)
    return found


def test_a_conflict_names_the_field_its_manager_and_since_when_and_changes_nothing(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="one", latency="1s"))
    shop.apply(source="first")
    (entry,) = shop.stored().managed_fields
    shop.write("a.yaml", simulator(text="two", latency="1000ms"))
    with pytest.raises(FieldConflicts) as caught:
        shop.apply(source="second")
    assert caught.value.message == (
        "a field is owned by another manager at another value:\n"
        f"  Provider/sim: spec.config.text: one → two, owned by git:first since {entry.time}"
    )
    assert "--force-conflicts" in (caught.value.hint or "")
    assert caught.value.exit_code == 4
    (conflict,) = caught.value.conflicts
    assert (conflict.key, [field.manager for field in conflict.fields]) == (PROVIDER, ["git:first"])
    assert shop.reader.head() == 1
    assert owners(shop, "latency") == {"git:first"}


def test_force_takes_the_field_over_and_leaves_the_rest(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="one", latency="1s"))
    shop.apply(source="first")
    shop.write("a.yaml", simulator(text="two", latency="1s"))
    shop.apply(source="second", force=True)
    assert shop.text() == "two"
    assert owners(shop, "text") == {"git:second"}
    assert owners(shop, "latency") == {"git:first", "git:second"}
    assert shop.stored().source == "first"
    shop.write("a.yaml", simulator(text="one", latency="1s"))
    with pytest.raises(FieldConflicts, match="owned by git:second"):
        shop.apply(source="first")


def test_a_conflict_is_told_before_what_hangs_on_the_refused_change(shop: Workshop) -> None:
    """The Settings are fine, had the Model its new alias."""
    shop.write("m.yaml", model("m", aliases=["old"]))
    shop.apply(source="first")
    shop.write("m.yaml", model("m", aliases=["new"]))
    settings = ResourceKey("Settings", "default", "default")
    shop.write("s.yaml", type(model())(settings, {"defaultModel": "new"}))
    with pytest.raises(FieldConflicts, match=r"aliases.* owned by git:first"):
        shop.apply(source="second")
    assert shop.propose(source="second").plan.conflicts != ()


def test_a_field_that_its_only_manager_stops_declaring_is_removed(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="one", labels={"team": "a", "tier": "b"}))
    shop.apply()
    shop.write("a.yaml", simulator(labels={"tier": "b"}))
    shop.apply()
    assert shop.text() == "This answer comes from the simulator of routerctl. No model was asked."
    assert owners(shop, "text") == set()
    assert shop.stored().resource.labels == {"tier": "b"}


def test_a_field_that_two_declare_stays_until_both_let_it_go(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="one"))
    shop.apply(source="first")
    head = shop.apply(source="second").revision.number
    shop.write("a.yaml", simulator())
    assert shop.apply(source="first").revision.number == head
    assert (shop.text(), owners(shop, "text")) == ("one", {"git:second"})
    shop.apply(source="second")
    assert owners(shop, "text") == set()
    assert shop.reader.head() == head + 1


def test_a_default_has_no_owner_and_is_nobodys_conflict(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="one"))
    shop.apply(source="first")
    assert owners(shop, "latency") == set()
    shop.write("a.yaml", simulator(text="one", latency="3s"))
    shop.apply(source="second")
    assert owners(shop, "latency") == {"git:second"}


def test_an_equal_value_in_other_words_changes_nothing(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(latency="90s"))
    head = shop.apply().revision.number
    shop.write("a.yaml", simulator(latency="1m30s"))
    assert shop.propose().plan.edits == ()
    assert shop.apply().revision.number == head
    config = shop.stored().resource.spec["config"]
    assert isinstance(config, dict)
    assert config["latency"] == "90s"


def test_moving_a_file_makes_no_revision_and_is_remembered(shop: Workshop) -> None:
    old = shop.write("a.yaml", simulator())
    head = shop.apply().revision.number
    new = shop.folder / "sub" / "b.yaml"
    new.parent.mkdir()
    old.rename(new)
    proposal = shop.propose()
    assert (proposal.plan.changes, len(proposal.plan.claims)) == ((), 1)
    assert shop.apply().revision.number == head
    assert shop.stored().path == "sub/b.yaml"
    assert shop.propose().plan.edits == ()
