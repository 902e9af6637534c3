"""/v1/models/sync: what upstreams have, and the Models and Bindings that would serve it; with apply, as one revision."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from reconciler.control.importing.manifests import text
from reconciler.control.model_sync import MANAGER, Choice, Synced, rewrites
from reconciler.control.model_sync_form import synced_data
from reconciler.json_types import JsonObject
from reconciler.listener.access import DeclaredRoute, Parameter
from reconciler.management.models.operations import GROUP
from reconciler.management.problems import BadRequest
from reconciler.management.rest.handling import Answer, Call, Desk, Stores
from reconciler.management.rest.operations import OBJECT, TEXT, YES_NO, shape, writing
from reconciler.management.rest.writing import carry_out

PATH = "/v1/models/sync"
_LONGEST_PREFIX = 100
_GIVEN = (
    Parameter(
        "match",
        "Only models whose names match one of these, with * for any text; several with commas between.",
    ),
    Parameter("prefix", "Stands before the names that clients ask for."),
    Parameter("apply", "Make the Models and Bindings, as one revision.", YES_NO),
    Parameter(
        "prune", "With apply: delete Bindings that a sync made, for models that are gone upstream.", YES_NO
    ),
)
_PROVIDERS = Parameter(
    "providers", "These Providers, with commas between; all that are enabled where none is named."
)
_FOUND = shape(
    {
        "object": {"const": "list"},
        "data": {"type": "array", "items": OBJECT},
        "manifests": {**TEXT, "description": "YAML that declares what is proposed."},
        "applied": YES_NO,
    },
    required=("object", "data", "manifests", "applied"),
)
_SUMMARY = "Ask {who} for the models that it has, and propose Models and Bindings for them. What is there is left as it is."


class Syncing(Protocol):
    def sync(self, namespace: str, providers: Sequence[str], choice: Choice) -> tuple[Synced, ...]:
        """Blocks. Raises NotFound for a Provider that is not there; what upstreams do is told in what it gives."""
        ...


def routes(desk: Desk, stores: Stores, syncing: Syncing) -> list[DeclaredRoute]:
    handlers = _Sync(stores, syncing)
    every = writing(
        "syncModels",
        _SUMMARY.format(who="each Provider"),
        GROUP,
        _FOUND,
        given=(_PROVIDERS, *_GIVEN),
        told="What was found.",
    )
    one = writing(
        "syncModelsOfProvider",
        _SUMMARY.format(who="a Provider"),
        GROUP,
        _FOUND,
        given=_GIVEN,
        told="What was found.",
    )
    return [
        desk.write("POST", PATH, handlers.every, every),
        desk.write("POST", f"{PATH}/{{provider}}", handlers.one, one),
    ]


class _Sync:
    def __init__(self, stores: Stores, syncing: Syncing) -> None:
        self._stores = stores
        self._syncing = syncing

    def every(self, call: Call) -> Answer:
        return self._answer(call, _listed(call, "providers"))

    def one(self, call: Call) -> Answer:
        return self._answer(call, [call.path("provider")])

    def _answer(self, call: Call, providers: Sequence[str]) -> Answer:
        prefix = call.given.get("prefix", "")
        if len(prefix) > _LONGEST_PREFIX or not prefix.isprintable():
            raise BadRequest(f"prefix is longer than {_LONGEST_PREFIX} characters, or can't be printed")
        found = self._syncing.sync(call.namespace(), providers, Choice(tuple(_listed(call, "match")), prefix))
        body: JsonObject = {
            "object": "list",
            "data": [synced_data(each) for each in found],
            "manifests": text(resource for each in found for resource in each.resources),
            "applied": False,
        }
        made = rewrites(found, prune=call.flag("prune"))
        if not call.flag("apply") or not made:
            return Answer(body)
        manner = call.manner("model sync")
        written = carry_out(self._stores, call.who, replace(manner, manager=manner.manager or MANAGER), made)
        if written.revision is None:
            return Answer({**body, "dryRun": True, "changed": written.changed})
        return Answer({**body, "applied": True}, 200, written.revision.number)


def _listed(call: Call, name: str) -> list[str]:
    return [each.strip() for each in call.given.get(name, "").split(",") if each.strip()]
