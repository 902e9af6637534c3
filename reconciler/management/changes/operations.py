"""What the routes do that change a store as a whole, for the OpenAPI document. Bodies and answers are made of the forms in `api`."""

from reconciler.api.asked import (
    AdoptAsked,
    ManifestsAsked,
    PlanAsked,
    ResetAsked,
    ResumeAsked,
    RevokeAsked,
    RollbackAsked,
)
from reconciler.api.form_schemas import schema_of
from reconciler.api.objects import Objects
from reconciler.api.writes import Grant
from reconciler.json_types import JsonObject
from reconciler.listener.access import Answered, Operation, Parameter
from reconciler.management.changes.reading import MANIFESTS, MAX_BYTES, PRUNE, SOURCE
from reconciler.management.rest import bodies, parameters
from reconciler.management.rest.operations import BUSY, NUMBER, OBJECT, TEXT, YES_NO, shape

GROUP = "Changes"
TOKENS_GROUP = "Tokens"
SERVING_GROUP = "Serving"

_TEXTS: JsonObject = {"type": "array", "items": TEXT}
_SUMMARY: dict[str, JsonObject] = {
    "changed": YES_NO,
    "summary": shape({"create": NUMBER, "update": NUMBER, "delete": NUMBER}),
    "changes": {**_TEXTS, "description": "Each as: create Provider/openai."},
}
_REVISION: dict[str, JsonObject] = {"revision": {**NUMBER, "description": "The head afterwards."}}
_PLAIN = shape({MANIFESTS: {**TEXT, "description": "YAML documents."}}, more=False)
_MANIFESTS: JsonObject = {"anyOf": [_PLAIN, schema_of(ManifestsAsked)]}
_WORDS = (SOURCE, PRUNE, parameters.FORCE, parameters.MANAGER, parameters.MESSAGE, parameters.NAMESPACE)
_DONE = (parameters.WAIT, parameters.TIMEOUT, parameters.IDEMPOTENCY_KEY)
_CONSIDERED: dict[str, JsonObject] = {**_SUMMARY, "considered": OBJECT}


def _operation(  # noqa: PLR0913  words of a declaration, each named
    name: str,
    summary: str,
    answer: JsonObject,
    *,
    body: JsonObject | None = None,
    given: tuple[Parameter, ...] = (),
    takes: tuple[str, ...] = (bodies.JSON,),
    status: int = 200,
    told: str = "Done.",
    group: str = GROUP,
    busy: bool = False,
) -> Operation:
    return Operation(
        name,
        summary,
        {status: Answered(told, bodies.JSON, answer), **(BUSY if busy else {})},
        takes if body is not None else None,
        given,
        body or {},
        MAX_BYTES if body is not None else None,
        group,
    )


_BOTH = (bodies.JSON, bodies.YAML)

DIFF = _operation(
    "diff",
    "What applying manifests would do, field by field, and what stands against it. Nothing is written.",
    shape(_CONSIDERED),
    body=_MANIFESTS,
    given=_WORDS,
    takes=_BOTH,
    told="Conflicts and objections stand in it: they are no error here.",
)
APPLY = _operation(
    "apply",
    "Make the store equal to manifests, as one revision, or not at all. Plain YAML can be sent as it is.",
    shape(
        {**_SUMMARY, **_CONSIDERED, **_REVISION, "applied": OBJECT},
        required=("changed", "summary", "changes"),
    ),
    body=_MANIFESTS,
    given=(*_WORDS, parameters.DRY_RUN, *_DONE),
    takes=_BOTH,
)
IMPORT = _operation(
    "applyImport",
    "As apply, after a backup of the store beside it; the newest 20 of these backups stay.",
    shape({**_SUMMARY, **_REVISION, "imported": OBJECT}),
    body=_MANIFESTS,
    given=(*_WORDS, *_DONE),
    takes=_BOTH,
    busy=True,
)
PLAN = _operation(
    "plan",
    "A plan to keep: what `routerctl plan --out` writes, and what `routerctl diff` shows of it.",
    shape({"considered": OBJECT, "plan": {**OBJECT, "description": "As schemas/plan.json says."}}),
    body={"anyOf": [_PLAIN, schema_of(PlanAsked)]},
    given=(
        SOURCE,
        PRUNE,
        parameters.FORCE,
        parameters.MANAGER,
        parameters.NAMESPACE,
        parameters.IDEMPOTENCY_KEY,
    ),
    takes=_BOTH,
)
APPLY_PLAN = _operation(
    "applyPlan",
    "Do what a plan says that was kept: exactly that, or nothing where its ground moved.",
    shape({**_SUMMARY, **_REVISION, "already": {"type": ["integer", "null"]}, "head": OBJECT}),
    body={**OBJECT, "description": "As schemas/plan.json says."},
    given=(parameters.MESSAGE, *_DONE),
)
OBJECTS = _operation(
    "changeObjects",
    "Put whole objects in the place of stored ones, make some, delete some: one revision, or none.",
    shape({**_SUMMARY, **_REVISION, "changed": OBJECT}, required=("summary", "changes", "changed")),
    body=schema_of(Objects),
    given=_DONE,
)
ROLLBACK = _operation(
    "rollback",
    "Make the state of an earlier revision the current one, as a new revision; dryRun shows what that would be.",
    shape(
        {**_SUMMARY, **_REVISION, "rolledBack": OBJECT, "review": OBJECT},
        required=("changed", "summary", "changes"),
    ),
    body=schema_of(RollbackAsked),
    given=_DONE,
)
RESUME = _operation(
    "resume",
    "End what a rollback holds against a source.",
    shape({"resumed": {"type": "array"}}),
    body=schema_of(ResumeAsked),
    given=(parameters.IDEMPOTENCY_KEY,),
)
ADOPT = _operation(
    "adopt",
    "Bring resources under a source, which declares and prunes them from then on. No value changes.",
    shape({"adopted": OBJECT}),
    body=schema_of(AdoptAsked),
    given=(parameters.IDEMPOTENCY_KEY,),
)

_TOKENS = shape({"tokens": {"type": "array", "items": OBJECT}})
TOKENS = _operation(
    "tokens", "All tokens that ever were, without their texts.", _TOKENS, group=TOKENS_GROUP, told="They are."
)
FIRST_TOKEN = _operation(
    "firstToken",
    "Which Providers the first token would cut off; null where there was one before.",
    shape({"cutsOff": {"type": ["object", "null"]}}),
    group=TOKENS_GROUP,
    told="They are.",
)
CREATE_TOKEN = _operation(
    "createToken",
    "Make a token, never above one's own role, managers and namespaces. Its text is in the answer, and nowhere else.",
    shape({"granted": OBJECT, **_REVISION}, required=("granted",)),
    body=schema_of(Grant),
    given=(parameters.IDEMPOTENCY_KEY,),
    status=201,
    group=TOKENS_GROUP,
)
REVOKE_TOKENS = _operation(
    "revokeTokens",
    "Refuse tokens from now on, by name or id.",
    _TOKENS,
    body=schema_of(RevokeAsked),
    group=TOKENS_GROUP,
)
DELETE_TOKEN = _operation("revokeToken", "Refuse one from now on.", _TOKENS, group=TOKENS_GROUP)

_STATE: dict[str, JsonObject] = {"reloading": OBJECT}
RELOADING = _operation(
    "reloading",
    "How far the replacing of workers is.",
    shape(_STATE),
    group=SERVING_GROUP,
    told="So far.",
)
RELOAD = _operation(
    "reload",
    "Replace the workers, one after the other, so that no request is refused.",
    shape({"number": NUMBER, **_STATE}),
    given=(parameters.IDEMPOTENCY_KEY,),
    status=202,
    told="It will be; the request has this number.",
    group=SERVING_GROUP,
)
RESETS = _operation(
    "resetProviders",
    "Close the circuits of providers, and forget what failed there.",
    shape({"reset": shape({"live": NUMBER})}),
    body=schema_of(ResetAsked),
    group=SERVING_GROUP,
)
