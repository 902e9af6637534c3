"""The rest of it is in tests/behaviour/test_a_kept_plan_is_applied_as_it_is_or_not_at_all.py."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pytest
from fakes.kept import plan
from fakes.workshop import Workshop, model, simulator

from reconciler.control.plan.model import Change
from reconciler.control.planned.apply import apply
from reconciler.errors import Refused
from reconciler.resources.resource import ResourceKey
from reconciler.store.records import Hold, Revision, RevisionMeta, StaleBase, VaultEntry


class Crowded:
    """Somebody else applies `folder` just before the first commit."""

    def __init__(self, shop: Workshop, folder: Path) -> None:
        self.shop = shop
        self.folder = folder
        self.asked = 0

    def commit(
        self,
        edits: Sequence[Change],
        *,
        base: int,
        meta: RevisionMeta,
        seals: Sequence[VaultEntry] = (),
        holds: Sequence[Hold] = (),
        releases: Collection[tuple[ResourceKey, str]] = (),
    ) -> Revision:
        self.asked += 1
        if self.asked == 1:
            self.shop.apply(self.folder, source="other", force=True)
            raise StaleBase(base=base, head=base + 1)
        return self.shop.writer.commit(
            edits, base=base, meta=meta, seals=seals, holds=holds, releases=releases
        )


def test_a_commit_in_the_last_moment_is_looked_at_and_never_planned_around(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", simulator(text="one"))
    kept = plan(shop)
    crowded = Crowded(shop, shop.write("../other/b.yaml", model("unrelated")))
    done = apply(kept, shop.reader, crowded, shop.cipher, actor="eve", message="why")
    assert (done.revision.number, done.revision.actor, done.revision.message) == (2, "eve", "why")
    shop.write("a.yaml", simulator(text="two"))
    kept = plan(shop)
    crowded = Crowded(shop, shop.write("../other/b.yaml", model("unrelated"), simulator(text="three")))
    with pytest.raises(Refused, match=r"Provider/sim: changed by revision 3"):
        apply(kept, shop.reader, crowded, shop.cipher, actor="eve")
    assert (crowded.asked, shop.text()) == (1, "three")
    shop.close()


def test_a_plan_without_changes_makes_no_revision(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", simulator())
    shop.apply()
    done = apply(plan(shop), shop.reader, shop.writer, shop.cipher, actor="ada")
    assert (done.revision.number, done.already) == (1, None)
    shop.close()


def test_what_a_plan_releases_is_released(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", simulator(text="one"))
    shop.apply()
    shop.write("a.yaml", simulator(text="two"))
    shop.apply()
    shop.rollback(1)
    kept = plan(shop)
    assert len(kept.plan.releases) == 1
    apply(kept, shop.reader, shop.writer, shop.cipher, actor="ada")
    assert (shop.reader.holds(), shop.text()) == ((), "two")
    shop.close()
