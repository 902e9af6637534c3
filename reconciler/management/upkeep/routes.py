"""The routes of the upkeep, and what they answer."""

from starlette.requests import Request
from starlette.responses import Response

from reconciler.api.asked import DoctorAsked, DropAsked, PruneAsked
from reconciler.api.forms import to_json
from reconciler.api.upkeep import Dropped, Finding, Rotated, Searched
from reconciler.listener.access import Access, Check, DeclaredRoute
from reconciler.management.changes.reading import asked
from reconciler.management.rest.answers import Answer
from reconciler.management.rest.calls import Call, Desk, Handler
from reconciler.management.upkeep import operations
from reconciler.management.upkeep.copying import Backups
from reconciler.management.upkeep.keepers import KeeperOf
from reconciler.management.upkeep.turns import Turns
from reconciler.store.compaction import Compaction

_ADMIN = Access.ADMIN


def few_at_a_time() -> Turns:
    """For these routes, and for others that copy all of a store."""
    return Turns()


def routes(desk: Desk, keepers: KeeperOf, check: Check, turns: Turns) -> list[DeclaredRoute]:
    backups = Backups(keepers, turns)
    handlers = _Upkeep(keepers)

    async def backup(request: Request) -> Response:
        await desk.call(request, operations.BACKUP)
        return await backups.backup(request)

    def one(handler: Handler) -> Handler:
        def in_turn(call: Call) -> Answer:
            with turns.one():
                return handler(call)

        return in_turn

    return [
        DeclaredRoute(
            "/v1/backup",
            backup,
            methods=("POST",),
            access=_ADMIN,
            check=check,
            operation=operations.BACKUP,
        ),
        desk.write("POST", "/v1/history/prune", one(handlers.prune), operations.PRUNE, _ADMIN),
        desk.write("POST", "/v1/doctor", one(handlers.doctor), operations.DOCTOR, _ADMIN),
        desk.write("POST", "/v1/secrets/audit", one(handlers.search), operations.SEARCH, _ADMIN),
        desk.write("POST", "/v1/encryption-key/rotate", one(handlers.rotate), operations.ROTATE, _ADMIN),
        desk.write("POST", "/v1/encryption-key/drop-old", one(handlers.drop), operations.DROP, _ADMIN),
    ]


class _Upkeep:
    def __init__(self, keepers: KeeperOf) -> None:
        self._keepers = keepers

    def prune(self, call: Call) -> Answer:
        told = asked(call, PruneAsked)
        done = self._keepers(call.who).prune(told.keep, dry_run=told.dry_run)
        return Answer({"pruned": to_json(done, Compaction)})

    def doctor(self, call: Call) -> Answer:
        found = self._keepers(call.who).examine(online=asked(call, DoctorAsked).online)
        return Answer({"findings": to_json(tuple(found), tuple[Finding, ...])})

    def search(self, call: Call) -> Answer:
        found = self._keepers(call.who).search_secrets(lambda _done, _of: None)
        return Answer({"searched": to_json(found, Searched)})

    def rotate(self, call: Call) -> Answer:
        done = self._keepers(call.who).rotate_key(lambda _: None)
        return Answer({"rotated": to_json(done, Rotated)})

    def drop(self, call: Call) -> Answer:
        done = self._keepers(call.who).drop_old_keys(dry_run=asked(call, DropAsked).dry_run)
        return Answer({"dropped": to_json(done, Dropped)})
