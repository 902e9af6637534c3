"""Manifests, compared and applied by a server."""

from collections.abc import Sequence

from reconciler.api import asked, outcomes
from reconciler.api.writes import Adoption, Imported, Planned
from reconciler.control.adopt import Adopted
from reconciler.control.apply import Applied
from reconciler.control.considering import Considered
from reconciler.control.plan import artefact as artefacts
from reconciler.control.plan.artefact import Artefact, InputFile
from reconciler.control.planned.apply import AppliedPlan
from reconciler.control.proposal import Wanted
from reconciler.remote.posting import Posting
from reconciler.store.records import Revision


class RemoteManifestWrites(Posting):
    """Fits api.manifest_writes.ManifestWrites."""

    def consider(
        self, wanted: Wanted, manager: str | None, *, stranding: bool = True, writing: bool = False
    ) -> Considered:
        told = asked.ManifestsAsked(self.intention(wanted, manager), stranding=stranding, writing=writing)
        return self.read(
            self.post("/v1/diff", told, asked.ManifestsAsked), "considered", outcomes.considered_from
        )

    def apply(self, wanted: Wanted, manager: str | None, message: str) -> Applied:
        told = asked.ManifestsAsked(self.intention(wanted, manager), message)
        return self.told(self.post("/v1/apply", told, asked.ManifestsAsked), Applied, "applied")

    def apply_import(self, wanted: Wanted, message: str) -> Imported:
        told = asked.ManifestsAsked(self.intention(wanted, None), message)
        return self.told(self.post("/v1/imports", told, asked.ManifestsAsked), Imported, "imported")

    def plan(self, wanted: Wanted, manager: str | None, inputs: Sequence[InputFile]) -> Planned:
        told = asked.PlanAsked(self.intention(wanted, manager), tuple(inputs))
        return self.read(
            {"planned": self.post("/v1/plans", told, asked.PlanAsked)}, "planned", outcomes.planned_from
        )

    def apply_plan(self, artefact: Artefact, message: str) -> AppliedPlan:
        query = {"message": message} if message else {}
        done = self.send("/v1/plans/apply", artefacts.document(artefact), query)
        already = done.get("already")
        return AppliedPlan(
            artefact, self.told(done, Revision, "head"), already if isinstance(already, int) else None
        )

    def adopt(self, asked_for: Adoption) -> Adopted:
        wanted = asked_for.wanted
        told = asked.AdoptAsked(
            tuple(asked_for.keys),
            self.intention(wanted, None) if wanted is not None else None,
            asked_for.source,
            asked_for.force,
            asked_for.dry_run,
        )
        return self.told(self.post("/v1/adopt", told, asked.AdoptAsked), Adopted, "adopted")
