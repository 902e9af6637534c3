"""Plans that are kept and applied later, on a workshop's store. Each goes through its file's text."""

from dataclasses import replace
from pathlib import Path

from fakes.workshop import UNGUARDED, Workshop

from reconciler.clock import timestamp
from reconciler.control.plan.artefact import Artefact, read, write
from reconciler.control.planned.apply import AppliedPlan, apply
from reconciler.control.planned.keep import keep
from reconciler.control.proposal import propose


def plan(shop: Workshop, *paths: Path, source: str | None = None, prune: bool = False) -> Artefact:
    want = replace(shop.wanted(*paths, source=source, prune=prune), guards=UNGUARDED)
    now = timestamp(shop.clock.now())
    proposal = propose(want, shop.reader, shop.cipher, now=now)
    kept = keep(want, proposal, shop.reader.head_revision(), made=now)
    assert read(write(kept), "plan.json") == kept
    return kept


def apply_plan(shop: Workshop, artefact: Artefact) -> AppliedPlan:
    return apply(artefact, shop.reader, shop.writer, shop.cipher, actor="ada")
