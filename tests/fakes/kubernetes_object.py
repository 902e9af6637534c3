"""One object behind the Kubernetes API of a CustomResourceDefinition, in memory: what kube-apiserver does around
server-side apply. Of the schema it checks what is required, and no more.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from reconciler.control.ownership.apply import Applied, FieldConflict, apply
from reconciler.control.ownership.managed_fields import managed_fields_json
from reconciler.control.ownership.update import update
from reconciler.control.patch.json_patch import json_patch
from reconciler.control.patch.merge_patch import merge_patch
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue, same
from reconciler.resources.resource import FieldManager
from reconciler.resources.structure import structure_of_object

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
_OMITTED_WHEN_EMPTY = ("labels", "annotations", "finalizers", "ownerReferences")


@dataclass(frozen=True, slots=True)
class Request:
    """`subresource` is "" or "status"; `content_type` counts for a PATCH alone."""

    method: str
    manager: str
    body: JsonValue
    content_type: str = ""
    subresource: str = ""
    force: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """`causes` are (field, reason, message); an invalid object's have no message."""

    code: int
    reason: str = ""
    causes: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    answer: Answer


@dataclass(slots=True)
class KubernetesObject:
    """`content` is {} while there is no object; it holds neither managedFields nor resourceVersion."""

    schema: JsonObject
    group_version: str
    content: JsonObject = field(default_factory=dict)
    managers: tuple[FieldManager, ...] = ()
    generation: int = 0
    resource_version: int = 0
    clock: int = 0

    def send(self, request: Request) -> Answer:
        """Every request has a time of its own, later than the one before."""
        self.clock += 1
        try:
            return self._written(request)
        except Refusal as refusal:
            return refusal.answer
        except InvalidInput:
            return Answer(422, "Invalid")

    def _written(self, request: Request) -> Answer:
        body, live = request.body, self.content
        if request.method == "POST":
            if live:
                return Answer(409, "AlreadyExists")
            return self._updated(request, _object(body))
        if request.method == "PATCH" and request.content_type == APPLY:
            return self._applied(request, _object(body))
        if not live:
            return Answer(404, "NotFound")
        if request.method == "PUT":
            return self._updated(request, _object(body))
        if request.content_type == MERGE:
            return self._updated(request, _object(merge_patch(self.shown(), body)))
        if request.content_type == JSON_PATCH:
            return self._updated(request, _object(json_patch(self.shown(), body)))
        return Answer(415, "UnsupportedMediaType")

    def shown(self) -> JsonObject:
        """The object with what the server adds, as a client reads and patches it."""
        added: JsonObject = {
            "generation": self.generation,
            "resourceVersion": str(self.resource_version),
            "managedFields": managed_fields_json(self.managers, self.group_version),
        }
        return {**self.content, "metadata": {**_metadata(self.content), **added}}

    def _applied(self, request: Request, declared: JsonObject) -> Answer:
        if request.subresource and not self.content:
            return Answer(404, "NotFound")
        if not request.manager:
            return Answer(422, "Invalid")
        if "managedFields" in _metadata(declared):
            return Answer(400, "BadRequest")
        made = apply(
            self.content,
            self.managers,
            declared,
            structure_of_object(self.schema),
            manager=request.manager,
            now=self._now(),
            subresource=request.subresource,
        )
        if made.conflicts and not request.force:
            return self._conflicts(made)
        return self._stored(self._completed(made.content), made.managers)

    def _updated(self, request: Request, new: JsonObject) -> Answer:
        metadata = _metadata(new)
        if metadata.get("resourceVersion", "") != str(self.resource_version) and self.content:
            missing = "resourceVersion" not in metadata
            return Answer(422, "Invalid") if missing else Answer(409, "Conflict")
        for name in ("resourceVersion", "generation"):
            metadata.pop(name, None)
        made = update(
            self.content,
            self.managers,
            self._completed({**new, "metadata": metadata}),
            structure_of_object(self.schema),
            manager=request.manager,
            now=self._now(),
            subresource=request.subresource,
        )
        content = made.content
        if request.subresource:  # of the metadata, such a write may change the managedFields alone
            content = {**content, "metadata": self.content["metadata"]}
        return self._stored(content, made.managers)

    def _stored(self, content: JsonObject, managers: tuple[FieldManager, ...]) -> Answer:
        missing = tuple((path, "FieldValueRequired", "") for path in _missing(content, self.schema))
        if missing:
            return Answer(422, "Invalid", missing)
        code = 200 if self.content else 201
        if not same(content, self.content) or _timeless(managers) != _timeless(self.managers):
            self.resource_version += 1
            if not same(_specified(content), _specified(self.content)):
                self.generation += 1
            self.content, self.managers = content, managers
        return Answer(code)

    def _conflicts(self, made: Applied) -> Answer:
        causes = ((f".{each.field}", "FieldManagerConflict", self._cause(each)) for each in made.conflicts)
        return Answer(409, "Conflict", tuple(causes))

    def _cause(self, conflict: FieldConflict) -> str:
        subresource = f' with subresource "{conflict.subresource}"' if conflict.subresource else ""
        version = f" using {self.group_version}" if conflict.operation == "Update" else ""
        return f'conflict with "{conflict.manager}"{subresource}{version}'

    def _completed(self, content: JsonObject) -> JsonObject:
        """With the schema's defaults, and without the metadata that is not there when it is empty."""
        metadata = {
            name: value
            for name, value in _metadata(content).items()
            if value or name not in _OMITTED_WHEN_EMPTY
        }
        return _object(_with_defaults({**content, "metadata": metadata}, self.schema))

    def _now(self) -> str:
        return f"{self.clock:06}"


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise Refusal(Answer(400, "BadRequest"))
    return value


def _metadata(content: JsonObject) -> JsonObject:
    metadata = content.get("metadata")
    return dict(metadata) if isinstance(metadata, dict) else {}


def _specified(content: JsonObject) -> JsonObject:
    """What counts for the generation."""
    return {name: value for name, value in content.items() if name not in ("metadata", "status")}


def _timeless(managers: tuple[FieldManager, ...]) -> list[FieldManager]:
    return [replace(each, time="") for each in managers]


def _properties(schema: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    properties = schema.get("properties")
    for name, child in properties.items() if isinstance(properties, dict) else ():
        if isinstance(child, dict):
            yield name, child


def _with_defaults(value: JsonValue, schema: JsonObject) -> JsonValue:
    if isinstance(value, list):
        items = schema.get("items")
        return [_with_defaults(item, items) if isinstance(items, dict) else item for item in value]
    if not isinstance(value, dict):
        return value
    completed = dict(value)
    for name, child in _properties(schema):
        if name in completed:
            completed[name] = _with_defaults(completed[name], child)
        elif "default" in child:
            completed[name] = child["default"]
    return completed


def _missing(value: JsonValue, schema: JsonObject, path: str = "") -> Iterator[str]:
    """The paths of what is required and not there."""
    if isinstance(value, list):
        items = schema.get("items")
        for place, item in enumerate(value if isinstance(items, dict) else []):
            yield from _missing(item, _object(items), f"{path}[{place}]")
    elif isinstance(value, dict):
        required = schema.get("required")
        for name in required if isinstance(required, list) else []:
            if name not in value:
                yield f"{path}.{name}".removeprefix(".")
        for name, child in _properties(schema):
            if name in value:
                yield from _missing(value[name], child, f"{path}.{name}".removeprefix("."))
