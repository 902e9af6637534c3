"""Who may ask, and who serves: tokens, reloads of workers, and providers whose failures are forgotten."""

from reconciler.api import outcomes
from reconciler.api.asked import ResetAsked, RevokeAsked
from reconciler.api.forms import to_json
from reconciler.api.writes import Grant, Reloading, Reset
from reconciler.control.egress import CutOff
from reconciler.json_types import JsonObject
from reconciler.listener.access import Access, DeclaredRoute
from reconciler.management.changes import operations
from reconciler.management.changes.reading import asked
from reconciler.management.changes.writers import WritesOf
from reconciler.management.rest.answers import Answer
from reconciler.management.rest.calls import Call, Desk


def routes(desk: Desk, writes: WritesOf) -> list[DeclaredRoute]:
    handlers = _People(writes)
    admin = Access.ADMIN
    return [
        desk.read("/v1/tokens", handlers.tokens, operations.TOKENS, admin),
        desk.read("/v1/tokens/first", handlers.first, operations.FIRST_TOKEN, admin),
        desk.write("POST", "/v1/tokens", handlers.create, operations.CREATE_TOKEN, admin),
        desk.write("POST", "/v1/tokens/revoke", handlers.revoke, operations.REVOKE_TOKENS, admin),
        desk.write("DELETE", "/v1/tokens/{id}", handlers.delete, operations.DELETE_TOKEN, admin),
        desk.read("/v1/reload", handlers.reloading, operations.RELOADING, Access.OPERATOR),
        desk.write("POST", "/v1/reload", handlers.reload, operations.RELOAD),
        desk.write("POST", "/v1/provider-resets", handlers.reset, operations.RESETS),
    ]


class _People:
    def __init__(self, writes: WritesOf) -> None:
        self._writes = writes

    def tokens(self, call: Call) -> Answer:
        return Answer({"tokens": outcomes.tokens_json(self._writes(call.who).tokens())})

    def first(self, call: Call) -> Answer:
        return Answer({"cutsOff": to_json(self._writes(call.who).first_cuts_off(), CutOff | None)})

    def create(self, call: Call) -> Answer:
        made = self._writes(call.who).create_token(asked(call, Grant))
        return Answer({"granted": outcomes.granted_json(made)}, 201, revision=made.allowed, once=True)

    def revoke(self, call: Call) -> Answer:
        return self._revoked(call, asked(call, RevokeAsked).names)

    def delete(self, call: Call) -> Answer:
        return self._revoked(call, (call.path("id"),))

    def reloading(self, call: Call) -> Answer:
        return Answer({"reloading": to_json(self._writes(call.who).reloading(), Reloading)})

    def reload(self, call: Call) -> Answer:
        number, found = self._writes(call.who).ask_reload()
        body: JsonObject = {"number": number, "reloading": to_json(found, Reloading)}
        return Answer(body, 202)

    def reset(self, call: Call) -> Answer:
        done = self._writes(call.who).reset_providers(asked(call, ResetAsked).providers)
        return Answer({"reset": to_json(done, Reset)})

    def _revoked(self, call: Call, names: tuple[str, ...]) -> Answer:
        return Answer({"tokens": outcomes.tokens_json(self._writes(call.who).revoke_tokens(names))})
