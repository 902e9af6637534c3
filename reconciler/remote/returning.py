"""Ways back, gone by a server."""

from reconciler.api import asked
from reconciler.control.review import Review
from reconciler.control.rollback import RolledBack
from reconciler.remote.posting import Posting
from reconciler.resources.resource import ResourceKey
from reconciler.store.records import Hold


class RemoteReturns(Posting):
    """What ways back need of api.object_writes.ObjectWrites."""

    def way_back(self, target: int, only: frozenset[ResourceKey]) -> Review:
        told = asked.RollbackAsked(target, only, dry_run=True)
        return self.told(self.post("/v1/rollback", told, asked.RollbackAsked), Review, "review")

    def rollback(self, target: int, only: frozenset[ResourceKey], message: str) -> RolledBack:
        told = asked.RollbackAsked(target, only, message)
        return self.told(self.post("/v1/rollback", told, asked.RollbackAsked), RolledBack, "rolledBack")

    def resume(self, source: str) -> tuple[Hold, ...]:
        done = self.post("/v1/resume", asked.ResumeAsked(source), asked.ResumeAsked)
        return self.told(done, tuple[Hold, ...], "resumed")
