"""Single resources as they are wanted, and the ways back: rollback, resume, adopt."""

from reconciler.api import outcomes
from reconciler.api.asked import ResumeAsked, RollbackAsked
from reconciler.api.objects import Objects, change_of
from reconciler.listener.access import Access, DeclaredRoute
from reconciler.management.changes import operations, told
from reconciler.management.changes.reading import adoption, asked
from reconciler.management.changes.writers import WritesOf
from reconciler.management.rest.answers import Answer
from reconciler.management.rest.calls import Call, Desk


def routes(desk: Desk, writes: WritesOf) -> list[DeclaredRoute]:
    handlers = _Objects(writes)
    return [
        desk.write("POST", "/v1/objects", handlers.change, operations.OBJECTS, Access.VIEWER),
        desk.write("POST", "/v1/rollback", handlers.rollback, operations.ROLLBACK, Access.VIEWER),
        desk.write("POST", "/v1/resume", handlers.resume, operations.RESUME),
        desk.write("POST", "/v1/adopt", handlers.adopt, operations.ADOPT, Access.VIEWER),
    ]


class _Objects:
    """A rehearsal is a viewer's; what it is not, `Writes` refuses to one."""

    def __init__(self, writes: WritesOf) -> None:
        self._writes = writes

    def change(self, call: Call) -> Answer:
        change = change_of(asked(call, Objects))
        done = self._writes(call.who).change(change)
        body = {**told.summary(done.proposal.plan), "changed": outcomes.changed_json(done, change.rewrites)}
        return Answer(body, revision=done.revision.number if done.revision is not None else None)

    def rollback(self, call: Call) -> Answer:
        way, writes = asked(call, RollbackAsked), self._writes(call.who)
        if way.dry_run:
            return told.review(writes.way_back(way.revision, way.only))
        return told.rolled_back(writes.rollback(way.revision, way.only, way.message))

    def resume(self, call: Call) -> Answer:
        return told.resumed(self._writes(call.who).resume(asked(call, ResumeAsked).source))

    def adopt(self, call: Call) -> Answer:
        return told.adopted(self._writes(call.who).adopt(adoption(call)))
