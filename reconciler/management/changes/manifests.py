"""Manifests: compared with the store, applied, kept as a plan, and a plan applied."""

from reconciler.api import outcomes
from reconciler.listener.access import Access, DeclaredRoute
from reconciler.management.changes import operations, told
from reconciler.management.changes.reading import manifests_wanted, plan_kept, plan_wanted
from reconciler.management.changes.writers import Turn, WritesOf
from reconciler.management.rest import parameters
from reconciler.management.rest.answers import Answer
from reconciler.management.rest.calls import Call, Desk


def routes(desk: Desk, writes: WritesOf, turn: Turn) -> list[DeclaredRoute]:
    handlers = _Manifests(writes, turn)
    return [
        desk.write("POST", "/v1/diff", handlers.diff, operations.DIFF, Access.VIEWER),
        desk.write("POST", "/v1/apply", handlers.apply, operations.APPLY),
        desk.write("POST", "/v1/imports", handlers.apply_import, operations.IMPORT),
        desk.write("POST", "/v1/plans", handlers.plan, operations.PLAN, Access.VIEWER),
        desk.write("POST", "/v1/plans/apply", handlers.apply_plan, operations.APPLY_PLAN),
    ]


class _Manifests:
    def __init__(self, writes: WritesOf, turn: Turn) -> None:
        self._writes = writes
        self._turn = turn

    def diff(self, call: Call) -> Answer:
        """Conflicts and objections are told, and no error."""
        call.rehearse()
        wanted, manager, asked = manifests_wanted(call)
        writes = self._writes(call.who)
        found = writes.consider(wanted, manager, stranding=asked.stranding, writing=asked.writing)
        return told.considered(found)

    def apply(self, call: Call) -> Answer:
        wanted, manager, asked = manifests_wanted(call)
        writes = self._writes(call.who)
        if call.flag(parameters.DRY_RUN.name):
            found = writes.consider(wanted, manager, writing=True)
            found.check()
            return told.considered(found)
        done = writes.apply(wanted, manager, asked.message)
        body = {**told.summary(done.proposal.plan), "applied": outcomes.applied_json(done)}
        return Answer(body, revision=done.revision.number)

    def apply_import(self, call: Call) -> Answer:
        wanted, _, asked = manifests_wanted(call)
        with self._turn():
            done = self._writes(call.who).apply_import(wanted, asked.message)
        body = {**told.summary(done.applied.proposal.plan), "imported": outcomes.imported_json(done)}
        return Answer(body, revision=done.applied.revision.number)

    def plan(self, call: Call) -> Answer:
        call.rehearse()
        wanted, manager, inputs = plan_wanted(call)
        made = self._writes(call.who).plan(wanted, manager, inputs)
        return Answer(outcomes.planned_json(made))

    def apply_plan(self, call: Call) -> Answer:
        kept = plan_kept(call)
        done = self._writes(call.who).apply_plan(kept, call.given.get(parameters.MESSAGE.name, ""))
        body = told.applied_plan(kept.plan, done.revision, done.already)
        return Answer(body, revision=done.revision.number)
