"""One document → the resource that it declares: its header, metadata and spec, every error at once."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from reconciler.control.manifest.document import Document, Problem, field_path, quoted, without_nulls
from reconciler.control.manifest.explanations import explain, required_inside
from reconciler.control.manifest.incomplete import follows_from_a_fault, sound
from reconciler.control.manifest.locator import Path
from reconciler.control.manifest.suggestions import suggestion
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.resources.api_version import API_VERSION
from reconciler.resources.kinds import KINDS, Kind
from reconciler.resources.meta import Metadata
from reconciler.resources.resource import DEFAULT_NAMESPACE, SYSTEM_METADATA, Resource, ResourceKey
from reconciler.resources.specs import spec_adapter

_TAG = frozenset({"union_tag_not_found", "union_tag_invalid"})
_TOP_LEVEL = ("apiVersion", "kind", "metadata", "spec")


def checked(document: Document, namespace: str | None) -> tuple[Resource | None, list[Problem]]:
    """What the document declares, as far as it has no errors; None where it can't be known which resource is meant.

    `namespace` is as for `decode`.
    """
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
    problems = [replace(problem, key=key) for problem in problems]
    metadata: Metadata | None = None
    broken: list[Path] = []
    try:
        metadata = Metadata.model_validate(metadata_data if metadata_data is not None else {})
    except ValidationError as error:
        broken += _report(error, document, key, data, ("metadata",), problems)
    try:
        spec_adapter(kind.name).validate_python(spec_data if spec_data is not None else {})
    except ValidationError as error:
        broken += _report(error, document, key, data, ("spec",), problems)
    if metadata is not None and namespace is not None and scope is not None and scope != namespace:
        problems.append(_wrong_namespace(document, key, namespace))
    if broken or document.faulty:
        return _partial(key, data, broken), problems
    spec = spec_data if isinstance(spec_data, dict) else {}
    if metadata is None:
        return Resource(key, spec), problems
    finalizers = tuple(sorted(metadata.finalizers))
    return Resource(key, spec, dict(metadata.labels), dict(metadata.annotations), finalizers), problems


def _partial(key: ResourceKey, data: JsonObject, broken: Sequence[Path]) -> Resource | None:
    left = sound(data, broken)
    metadata, spec = left.get("metadata"), left.get("spec")
    if not isinstance(metadata, dict) or metadata.get("name") != key.name:
        return None
    if any(path in broken for path in (("metadata",), ("metadata", "namespace"))):
        return None
    return Resource(key, spec if isinstance(spec, dict) else {}, {}, {})


def _header(document: Document, data: JsonObject) -> tuple[Kind | None, list[Problem]]:
    problems: list[Problem] = []

    def problem(field: str, message: str, hint: str | None = None) -> None:
        if not follows_from_a_fault(data, (field,)):
            problems.append(Problem(document.locate((field,)), message, None, field_path((field,)), hint))

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


def _report(
    error: ValidationError,
    document: Document,
    key: ResourceKey,
    data: JsonObject,
    root: tuple[str, ...],
    problems: list[Problem],
) -> list[Path]:
    """Adds what is wrong to `problems`. The paths at which something is wrong."""
    paths = []
    for details in error.errors(include_url=False, include_input=False):
        path = real_path(data, root, details["loc"], missing=details["type"] == "missing")
        if details["type"] in _TAG:
            path = (*path, "type")
        elif details["type"] == "missing":
            path = (*path, *required_inside(path, data, key.kind))
        paths.append(path)
        if not follows_from_a_fault(data, path):
            problems.append(_problem(details, document, key, data, path))
    return paths


def _problem(
    details: ErrorDetails, document: Document, key: ResourceKey, data: JsonObject, path: Path
) -> Problem:
    if len(path) == 2 and path[0] == "metadata" and path[1] in SYSTEM_METADATA:
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
