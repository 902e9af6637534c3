from pathlib import Path

import pytest
from fakes.workshop import Workshop, binding, model, simulator, text_of

from reconciler.control.apply import check
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.plan.model import EVERYTHING
from reconciler.control.proposal import propose


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_paths_are_relative_to_the_sources_root(shop: Workshop) -> None:
    shop.write("sub/a.yaml", simulator("a"), simulator("b"))
    plan = shop.propose().plan
    assert {change.path for change in plan.changes} == {"sub/a.yaml"}
    assert {change.source for change in plan.changes} == {str(shop.folder)}


def test_a_broken_result_names_the_place(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(), binding("b", "m", "sim"))
    with pytest.raises(InvalidManifests) as caught:
        shop.propose()
    (problem,) = caught.value.problems
    assert str(problem.location).startswith(f"{shop.folder}/a.yaml:3:")


def test_an_apply_releases_the_holds_and_a_resync_respects_them(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(text="one"))
    shop.apply()
    shop.write("a.yaml", simulator(text="two"))
    shop.apply()
    shop.rollback(1)
    key = simulator().key
    asked = shop.propose()
    assert asked.plan.releases == ((key, str(shop.folder)),)
    assert len(asked.plan.changes) == 1
    resync = propose(shop.wanted(resync=EVERYTHING), shop.reader, shop.cipher, now="t")
    assert (resync.plan.releases, resync.plan.changes) == ((), ())
    assert [held.key for held in resync.plan.held] == [key]
    assert resync.holds == ()


def test_without_a_source_there_is_no_path_and_nothing_to_rename(shop: Workshop) -> None:
    shop.write("a.yaml", simulator())
    want = shop.wanted()
    by_hand = propose(type(want)(want.declared, "cli:ada"), shop.reader, shop.cipher, now="t")
    (change,) = by_hand.plan.changes
    assert (change.source, change.path, by_hand.renamed_from) == (None, None, None)
    assert change.managed_fields[0].manager == "cli:ada"


def test_what_just_a_delete_breaks_is_given_back_where_it_is_asked_for(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(), model(), model("kept"))
    shop.apply()
    other = shop.root / "other.yaml"
    other.write_text(text_of([binding("b", "m", "sim")]))
    shop.apply(other, source="other")
    shop.write("a.yaml", simulator(), model("kept"))
    want = shop.wanted(prune=True)
    with pytest.raises(InvalidManifests):
        propose(want, shop.reader, shop.cipher, now="t")
    stranded = propose(want, shop.reader, shop.cipher, now="t", stranding=True)
    assert stranded.stranded is not None
    with pytest.raises(InvalidManifests, match="which would be deleted"):
        check(want, stranded)
    shop.write("a.yaml", simulator(), model("kept"), binding("x", "nothing", "sim"))
    with pytest.raises(InvalidManifests, match="which does not exist"):
        propose(shop.wanted(prune=True), shop.reader, shop.cipher, now="t", stranding=True)
