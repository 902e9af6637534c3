"""Documents → resources: the header, the metadata and the spec of each one, every error at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.control.manifest.document import Document, Problem, field_path
from reconciler.json_types import JsonValue
from reconciler.late import late
from reconciler.resources.resource import DEFAULT_NAMESPACE, Resource, ResourceKey, finalizers_of

if TYPE_CHECKING:
    from reconciler.control.manifest import checking
else:
    checking = late("reconciler.control.manifest.checking")


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
    """`partial`: what has errors, without the fields that have them. It can be referred to, and never applied."""

    declared: tuple[Declared, ...]
    problems: tuple[Problem, ...]
    partial: tuple[Declared, ...] = ()


def decode(documents: Iterable[Document], *, namespace: str | None = None) -> Decoding:
    """Decodes all documents. `namespace` (-n) is where those belong that name none; another one is an error."""
    first: dict[ResourceKey, Declared] = {}
    declared: list[Declared] = []
    partial: list[Declared] = []
    problems: list[Problem] = []
    for document in documents:
        resource, found = _decode_one(document, namespace)
        problems.extend(found)
        if resource is None:
            continue
        item = Declared(resource, document)
        holder = first.setdefault(resource.key, item)
        if holder is not item:
            problems.append(_declared_twice(item, holder))
        elif found or document.faulty:
            partial.append(item)
        else:
            declared.append(item)
    return Decoding(tuple(declared), tuple(problems), tuple(partial))


def _declared_twice(item: Declared, first: Declared) -> Problem:
    path = ("metadata", "name")
    return Problem(
        item.document.locate(path),
        f"declared twice; the first is at {first.document.locate(path)}",
        item.key,
        field_path(path),
        "keep one of them",
    )


def _decode_one(document: Document, namespace: str | None) -> tuple[Resource | None, list[Problem]]:
    """What the document declares, as far as it has no errors; None where it can't be known which resource is meant."""
    if document.sound:
        known = _known(document, namespace)
        if known is not None:
            return known, []
    return checking.checked(document, namespace)


def _known(document: Document, namespace: str | None) -> Resource | None:
    """The resource of a document that was checked before; None where it does not suit the `namespace` asked for."""
    data = document.data
    metadata, spec = data["metadata"], data.get("spec", {})
    if not isinstance(metadata, dict) or not isinstance(spec, dict):
        return None
    scope = metadata.get("namespace") or namespace or DEFAULT_NAMESPACE
    if namespace not in (None, scope):
        return None
    key = ResourceKey(str(data["kind"]), str(scope), str(metadata["name"]))
    labels, annotations = _texts(metadata.get("labels")), _texts(metadata.get("annotations"))
    return Resource(key, spec, labels, annotations, finalizers_of(metadata))


def _texts(value: JsonValue) -> dict[str, str]:
    return {name: str(text) for name, text in value.items()} if isinstance(value, dict) else {}
