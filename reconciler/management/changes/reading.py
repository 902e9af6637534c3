"""Bodies of requests that change the store: documents of the forms in `api`, or plain manifests."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

from reconciler.api.asked import AdoptAsked, ManifestsAsked, PlanAsked
from reconciler.api.forms import from_json
from reconciler.api.intents import Intention, SourceTold, Text, wanted_of_intention
from reconciler.api.writes import Adoption
from reconciler.control.plan.artefact import Artefact, InputFile, read_document
from reconciler.control.proposal import Wanted
from reconciler.json_types import JsonObject, JsonValue
from reconciler.listener.access import Parameter
from reconciler.management.problems import BadRequest
from reconciler.management.rest import bodies, parameters
from reconciler.management.rest.calls import Call

T = TypeVar("T")

MAX_BYTES = 64 * 1024 * 1024
"""Of a JSON body that holds manifests or a plan."""
MAX_VALUES = 2_000_000
MAX_DEPTH = 96
"""Deeper than a manifest may be: it stands inside other things."""
MANIFESTS = "manifests"
"""What plain manifests are called in messages, and as which file their source has them."""

SOURCE = Parameter("source", "The source that the manifests belong to; without one, nothing can be pruned.")
PRUNE = Parameter(
    "prune",
    "Delete what the source once declared and these manifests do not.",
    {"type": "boolean"},
)


def asked(call: Call, form: type[T]) -> T:
    """Raises BadRequest, and InvalidInput that names the field."""
    told: T = from_json(document(call), form)
    if getattr(told, "dry_run", False):
        call.rehearse()
    return told


def document(call: Call) -> JsonObject:
    value = bodies.json_value(call.content, values=MAX_VALUES, depth=MAX_DEPTH)
    if not isinstance(value, dict):
        raise BadRequest("the body is not a JSON object")
    return value


def manifests_wanted(call: Call) -> tuple[Wanted, str | None, ManifestsAsked]:
    """What is wanted, under which name, and what else is said."""
    told = _manifests_asked(call)
    return wanted_of_intention(told.intention), told.intention.manager, told


def plan_wanted(call: Call) -> tuple[Wanted, str | None, Sequence[InputFile]]:
    told = _plan_asked(call)
    return wanted_of_intention(told.intention), told.intention.manager, told.inputs


def plan_kept(call: Call) -> Artefact:
    return read_document(document(call), "the body")


def adoption(call: Call) -> Adoption:
    told = asked(call, AdoptAsked)
    wanted = wanted_of_intention(told.intention) if told.intention is not None else None
    return Adoption(told.keys, wanted, told.source, told.force, told.dry_run)


def _manifests_asked(call: Call) -> ManifestsAsked:
    """As `routerctl` sends it: {"intention": ...}; or plain manifests, with the query."""
    plain, body = _plain_or_document(call)
    if plain is None:
        return from_json(body, ManifestsAsked)
    return ManifestsAsked(_intention(call, plain), call.given.get(parameters.MESSAGE.name, ""))


def _plan_asked(call: Call) -> PlanAsked:
    """As for `_manifests_asked`; the plain text is the one file that the plan was made from."""
    plain, body = _plain_or_document(call)
    if plain is None:
        return from_json(body, PlanAsked)
    read = InputFile(MANIFESTS, hashlib.sha256(plain.encode()).hexdigest())
    return PlanAsked(_intention(call, plain), (read,))


def _plain_or_document(call: Call) -> tuple[str | None, JsonObject]:
    """Plain manifests, as YAML or as {"manifests": "..."}; or None, and the document that was sent."""
    if call.media == bodies.YAML:
        return _decoded(call.content), {}
    body = document(call)
    return (_only_text(body) if MANIFESTS in body else None), body


def _only_text(body: JsonObject) -> str:
    text: JsonValue = body.get(MANIFESTS)
    if set(body) != {MANIFESTS} or not isinstance(text, str):
        raise BadRequest(
            f"{MANIFESTS} is a text of YAML documents, and stands alone: the rest is said in the query"
        )
    return text


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadRequest("the body is not UTF-8") from None


def _intention(call: Call, text: str) -> Intention:
    name = call.given.get(SOURCE.name)
    source = SourceTold(name, {MANIFESTS: MANIFESTS}) if name is not None else None
    return Intention(
        (Text(MANIFESTS, 1, text),),
        namespace=call.given.get(parameters.NAMESPACE.name),
        manager=call.given.get(parameters.MANAGER.name),
        source=source,
        prune=call.flag(PRUNE.name),
        force=call.flag(parameters.FORCE.name),
        files=(MANIFESTS,),
    )
