"""A kustomization file → what it asks for. Every key that is not known is a problem that names it."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from reconciler.control.manifest.document import Document, Problem, field_path, quoted
from reconciler.control.manifest.suggestions import suggestion

KUSTOMIZATION = "Kustomization"
COMPONENT = "Component"
FILE_NAMES = ("kustomization.yaml", "kustomization.yml", KUSTOMIZATION)
"""What a kustomization file may be called; one a folder."""

_VERSIONS = {
    KUSTOMIZATION: "kustomize.config.k8s.io/v1beta1",
    COMPONENT: "kustomize.config.k8s.io/v1alpha1",
}
_INSTEAD: Mapping[str, str] = MappingProxyType(
    {
        "annotations": "commonAnnotations",
        "bases": "resources",
        "commonLabels": "labels",
        "patchesJson6902": "patches",
        "patchesStrategicMerge": "patches",
    }
)
"""Kustomize's old words, and what it says today."""


class _Words(BaseModel):
    """Manifests' words are camelCase. A null is a word that is not given."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, strict=True, hide_input_in_errors=True
    )


class Selection(_Words):
    """Which resources a patch is for: patterns, and label selectors. What is not given, fits everything."""

    group: str | None = None
    version: str | None = None
    kind: str | None = None
    name: str | None = None
    namespace: str | None = None
    label_selector: str | None = None
    annotation_selector: str | None = None


class Patch(_Words):
    """The text of a patch, or the path of its file."""

    patch: str | None = None
    path: str | None = None
    target: Selection | None = None


class Labels(_Words):
    """No kind has selectors or templates, so the two flags change nothing here; they are part of kustomize's form."""

    pairs: dict[str, str | None]
    include_selectors: bool = False
    include_templates: bool = False


class Kustomization(_Words):
    """What a file asks for, in its own order."""

    api_version: str | None = None
    kind: Literal["Kustomization", "Component"] | None = None
    resources: tuple[str, ...] | None = None
    components: tuple[str, ...] | None = None
    configurations: tuple[str, ...] | None = None
    patches: tuple[Patch, ...] | None = None
    namespace: str | None = None
    name_prefix: str | None = None
    name_suffix: str | None = None
    labels: tuple[Labels, ...] | None = None
    common_annotations: dict[str, str | None] | None = None

    @property
    def is_component(self) -> bool:
        return self.kind == COMPONENT


def parse(document: Document) -> Kustomization | tuple[Problem, ...]:
    """What the file asks for, or everything that is wrong with it."""
    try:
        parsed = Kustomization.model_validate(_as_tuples(document.data))
    except ValidationError as error:
        return tuple(problems_of(error, document, Kustomization))
    kind = parsed.kind or KUSTOMIZATION
    if parsed.api_version not in (None, "", _VERSIONS[kind]):
        place = document.locate(("apiVersion",))
        hint = f"write apiVersion: {_VERSIONS[kind]}"
        return (Problem(place, f"unknown version of {kind}", None, "apiVersion", hint),)
    return parsed


def _as_tuples(value: object) -> object:
    """Strict models take no list where they want a tuple."""
    if isinstance(value, dict):
        return {name: _as_tuples(item) for name, item in value.items()}
    return tuple(_as_tuples(item) for item in value) if isinstance(value, list) else value


def problems_of(error: ValidationError, document: Document, model: type[BaseModel]) -> Iterable[Problem]:
    for details in error.errors(include_url=False, include_input=False):
        path = details["loc"]
        message, hint = _explained(details, model)
        yield Problem(document.locate(path), message, None, field_path(path) or None, hint)


def _explained(details: ErrorDetails, model: type[BaseModel]) -> tuple[str, str | None]:
    word, kind = details["loc"][-1], details["type"]
    if kind == "extra_forbidden":
        return _unknown(str(word), _known(model, details["loc"][:-1]))
    if kind == "missing":
        return f'"{word}" is required', None
    if kind == "literal_error":
        return "unknown kind", f"write kind: {KUSTOMIZATION}, or kind: {COMPONENT}"
    if kind == "string_type":
        return "expected a text", "put it in quotes"
    expected = {"tuple_type": "a list", "bool_type": "true or false"}.get(kind, "a mapping")
    return f"expected {expected}", None


def _unknown(word: str, known: Sequence[str]) -> tuple[str, str | None]:
    instead = _INSTEAD.get(word)
    meant = instead if instead in known else suggestion(word, known)
    message = f"unknown field {quoted(word)}"
    if meant is not None:
        return f'{message}; did you mean "{meant}"?', None
    return message, f"known here: {', '.join(known)}"


def _known(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """The words that the model at `path` knows: below `model`, steps by name lead to models, numbers stay."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    names = [step for step in path if isinstance(step, str)]
    if not names:
        return list(fields)
    field = fields.get(names[0])
    inner = _models(field.annotation) if field is not None else []
    return _known(inner[0], names[1:]) if inner else []


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models(part)]
