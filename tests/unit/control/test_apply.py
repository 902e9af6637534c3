from collections.abc import Collection, Sequence
from pathlib import Path

import pytest
from fakes.workshop import Workshop, simulator

from reconciler.control.apply import FieldConflicts, apply
from reconciler.control.ownership.apply import FieldConflict
from reconciler.control.plan.model import Change, ResourceConflict
from reconciler.errors import StoreError
from reconciler.resources.resource import ResourceKey
from reconciler.store.records import Hold, Revision, RevisionMeta, StaleBase, VaultEntry

META = RevisionMeta("ada", "apply")


class Crowded:
    """Somebody else commits before each of the first `times` commits."""

    def __init__(self, shop: Workshop, times: int) -> None:
        self.shop = shop
        self.left = times
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
        if self.left:
            self.left -= 1
            raise StaleBase(base=base, head=base + 1)
        return self.shop.writer.commit(
            edits, base=base, meta=meta, seals=seals, holds=holds, releases=releases
        )


def test_it_is_planned_again_when_another_commit_came_between(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", simulator(text="one"))
    crowded = Crowded(shop, 2)
    applied = apply(shop.wanted(), shop.reader, crowded, shop.cipher, shop.clock, META)
    assert (applied.attempts, applied.revision.number, crowded.asked) == (3, 1, 3)
    assert shop.text() == "one"


def test_it_gives_up_when_others_always_come_between(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", simulator())
    crowded = Crowded(shop, 1000)
    with pytest.raises(StoreError, match="other commits came between 100 times"):
        apply(shop.wanted(), shop.reader, crowded, shop.cipher, shop.clock, META)
    assert (crowded.asked, shop.reader.head()) == (100, 0)


def test_the_time_of_ownership_is_the_clocks(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", simulator())
    applied = shop.apply()
    (entry,) = shop.stored().managed_fields
    assert entry.time < applied.revision.time
    assert entry.time.startswith("2026-01-01T00:00:")


def test_all_conflicts_are_named_at_once() -> None:
    fields = (FieldConflict("spec.a", "git:x", "t1", 1, 2), FieldConflict("spec.b", "cli:y", "t2", "u"))
    key = ResourceKey("Model", "team-a", "m")
    error = FieldConflicts([ResourceConflict(key, fields), ResourceConflict(key, fields[:1])])
    assert error.message.splitlines() == [
        "3 fields are owned by another manager at another value:",
        "  Model/team-a/m: spec.a: 1 → 2, owned by git:x since t1",
        "  Model/team-a/m: spec.b: u → (removed), owned by cli:y since t2",
        "  Model/team-a/m: spec.a: 1 → 2, owned by git:x since t1",
    ]
    assert str(error).count("--force-conflicts") == 1
