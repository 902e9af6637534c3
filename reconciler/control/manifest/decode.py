"""Documents → resources: the header, the metadata and the spec of each one, every error at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from reconciler.control.manifest.document import Document, Problem, field_path, quoted
from reconciler.control.manifest.explanations import explain, suggestion
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.api_version import API_VERSION
from reconciler.resources.meta import SYSTEM_METADATA, Metadata
from reconciler.resources.references import value_at
from reconciler.resources.resource import DEFAULT_NAMESPACE, Resource, ResourceKey
from reconciler.resources.scheme import KINDS, Kind

_TAG = frozenset({"union_tag_not_found", "union_tag_invalid"})
_TOP_LEVEL = ("apiVersion", "kind", "metadata", "spec")


@dataclass(frozen=True, slots=True)
class Declared:
    """A resource as a file declares it: no defaults, no nulls."""

    resource: Resource
    document: Document

    @property
    def key(self) -> ResourceKey:
        return self.resource.key


@dataclass(frozen=True, slots=True)
class Decoding:
    declared: tuple[Declared, ...]
    problems: tuple[Problem, ...]


def decode(documents: Iterable[Document], *, namespace: str | None = None) -> Decoding:
    """Decodes all documents. `namespace` (-n) is where those belong that name none; another one is an error."""
    declared: dict[ResourceKey, Declared] = {}
    problems: list[Problem] = []
    for document in documents:
        resource, found = _decode_one(document, namespace)
        problems.extend(found)
        if resource is None:
            continue
        first = declared.get(resource.key)
        if first is not None:
            place = first.document.locate(("metadata", "name"))
            problems.append(
                Problem(
                    document.locate(("metadata", "name")),
                    f"declared twice; the first is at {place}",
                    resource.key,
                    "metadata.name",
                    "keep one of them",
                )
            )
            continue
        declared[resource.key] = Declared(resource, document)
    return Decoding(tuple(declared.values()), tuple(problems))


def _decode_one(document: Document, namespace: str | None) -> tuple[Resource | None, list[Problem]]:
    data = without_nulls(document.data)
    kind, problems = _header(document, data)
    if kind is None:
        return None, problems
    metadata_data = data.get("metadata")
    spec_data = data.get("spec")
    name = metadata_data.get("name") if isinstance(metadata_data, dict) else None
    scope = metadata_data.get("namespace") if isinstance(metadata_data, dict) else None
    shown_namespace = scope if isinstance(scope, str) else namespace or DEFAULT_NAMESPACE
    key = ResourceKey(kind.name, shown_namespace, name if isinstance(name, str) and len(name) < 256 else "?")
    metadata: Metadata | None = None
    try:
        metadata = Metadata.model_validate(metadata_data if metadata_data is not None else {})
    except ValidationError as error:
        problems += _problems(error, document, key, data, ("metadata",))
    try:
        kind.spec.validate_python(spec_data if spec_data is not None else {})
    except ValidationError as error:
        problems += _problems(error, document, key, data, ("spec",))
    if metadata is not None and namespace is not None and scope is not None and scope != namespace:
        problems.append(_wrong_namespace(document, key, namespace))
    if metadata is None or problems:
        return None, problems
    spec = spec_data if isinstance(spec_data, dict) else {}
    return Resource(key, spec, dict(metadata.labels), dict(metadata.annotations)), problems


def _header(document: Document, data: JsonObject) -> tuple[Kind | None, list[Problem]]:
    problems: list[Problem] = []

    def problem(field: str, message: str, hint: str | None = None) -> None:
        problems.append(Problem(document.locate((field,)), message, None, field, hint))

    version, name = data.get("apiVersion"), data.get("kind")
    if version is None:
        problem("apiVersion", "missing", f"write apiVersion: {API_VERSION}")
    elif version != API_VERSION:
        problem("apiVersion", "unknown version", f"write apiVersion: {API_VERSION}")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if name is None:
        problem("kind", "missing", f"write one of {', '.join(KINDS)}")
    elif kind is None:
        shown = f' "{name}"' if isinstance(name, str) and len(name) <= 64 and name.isprintable() else ""
        meant = suggestion(name, KINDS) if isinstance(name, str) else None
        problem(
            "kind",
            f"unknown kind{shown}" + (f'; did you mean "{meant}"?' if meant else ""),
            None if meant else f"known kinds: {', '.join(KINDS)}",
        )
    for field in data:
        if field == "status":
            problem(
                field,
                "status is written by the system",
                'remove it, or take the manifest from "routerctl export"',
            )
        elif field not in _TOP_LEVEL:
            meant = suggestion(field, _TOP_LEVEL)
            problem(field, f"unknown field {quoted(field)}" + (f'; did you mean "{meant}"?' if meant else ""))
    return kind, problems


def _wrong_namespace(document: Document, key: ResourceKey, namespace: str) -> Problem:
    return Problem(
        document.locate(("metadata", "namespace")),
        f'the file says namespace "{key.namespace}", the command line says "{namespace}"',
        key,
        "metadata.namespace",
        "drop one of the two",
    )


def _problems(
    error: ValidationError, document: Document, key: ResourceKey, data: JsonObject, root: tuple[str, ...]
) -> list[Problem]:
    return [_problem(details, document, key, data, root) for details in error.errors(include_url=False)]


def _problem(
    details: ErrorDetails, document: Document, key: ResourceKey, data: JsonObject, root: tuple[str, ...]
) -> Problem:
    missing = details["type"] == "missing"
    path = real_path(data, root, details["loc"], missing=missing)
    if details["type"] in _TAG:
        path = (*path, "type")
    if root == ("metadata",) and len(path) == 2 and path[1] in SYSTEM_METADATA:
        message, hint = "written by the system", 'remove it, or take the manifest from "routerctl export"'
        return Problem(document.locate(path), message, key, field_path(path), hint)
    message, hint_text = explain(details, path, data, key.kind)
    return Problem(document.locate(path), message, key, field_path(path), hint_text)


def real_path(
    data: JsonValue, root: Sequence[str], loc: Sequence[str | int], *, missing: bool
) -> tuple[str | int, ...]:
    """The path in the document: `root`, then pydantic's `loc` without the names of union branches, which are no fields.

    `missing`: the last element is a field that is not there.
    """
    path: list[str | int] = [*root]
    node = value_at(data, tuple(root))
    for element in loc:
        if isinstance(node, dict) and element in node:
            node = node[str(element)]
        elif isinstance(node, list) and isinstance(element, int) and element < len(node):
            node = node[element]
        else:
            continue
        path.append(element)
    return (*path, loc[-1]) if missing and loc else tuple(path)


def without_nulls(value: JsonObject) -> JsonObject:
    """A null field is one that is not given, as in Kubernetes."""
    return {name: _clean(item) for name, item in value.items() if item is not None}


def _clean(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return without_nulls(value)
    return value
