"""Which fields hold names, in kustomize's form: built in for our kinds, and read from the files under `configurations`."""

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from reconciler.control.kustomize.kustomization import problems_of
from reconciler.control.kustomize.piece import Identity
from reconciler.control.manifest.document import Document, Problem
from reconciler.control.manifest.emitter import to_yaml
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.api_version import API_VERSION
from reconciler.resources.reference_fields import reference_fields

FILE_NAME = "kustomizeconfig.yaml"
_HEAD = "# For `configurations:` of a kustomization that kubectl builds. routerctl knows these fields by itself.\n"
_GROUP, _, _VERSION = API_VERSION.rpartition("/")


class Kinds(NamedTuple):
    """Resources of a kind. What is empty, fits everything."""

    group: str
    version: str
    kind: str

    def fit(self, identity: Identity) -> bool:
        return all(wanted in ("", found) for wanted, found in zip(self, identity[: len(self)], strict=True))


class NameReference(NamedTuple):
    """`path` of resources of `holder` names one of `target`."""

    target: Kinds
    holder: Kinds
    path: tuple[str, ...]


class _Words(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", strict=True, hide_input_in_errors=True
    )


class _Kinds(_Words):
    group: str | None = None
    version: str | None = None
    kind: str | None = None

    def kinds(self) -> Kinds:
        return Kinds(self.group or "", self.version or "", self.kind or "")


class _Field(_Kinds):
    path: str


class _Target(_Kinds):
    field_specs: list[_Field]


class _Configuration(_Words):
    name_reference: list[_Target] | None = None


def built_in() -> Iterator[NameReference]:
    for field in reference_fields():
        yield NameReference(Kinds(_GROUP, "", field.target), Kinds(_GROUP, "", field.kind), field.path)


def built_in_text() -> str:
    """The file that tells kubectl the same."""
    targets: dict[str, list[JsonValue]] = {}
    for field in reference_fields():
        spec: JsonObject = {"group": _GROUP, "kind": field.kind, "path": "/".join(field.path)}
        targets.setdefault(field.target, []).append(spec)
    listed: list[JsonValue] = [
        {"kind": target, "group": _GROUP, "fieldSpecs": specs} for target, specs in targets.items()
    ]
    return _HEAD + to_yaml([{"nameReference": listed}])


def parse_configuration(document: Document) -> tuple[NameReference, ...] | tuple[Problem, ...]:
    """What a file adds, or everything that is wrong with it."""
    try:
        parsed = _Configuration.model_validate(document.data)
    except ValidationError as error:
        return tuple(problems_of(error, document, _Configuration))
    return tuple(
        NameReference(target.kinds(), field.kinds(), _steps(field.path))
        for target in parsed.name_reference or ()
        for field in target.field_specs
    )


def _steps(path: str) -> tuple[str, ...]:
    r"""The names between slashes; `\/` is a slash in a name."""
    parts = path.replace("\\/", "\0").split("/")
    return tuple(part.replace("\0", "/") for part in parts if part)
