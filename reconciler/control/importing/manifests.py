"""Findings → manifests. A secret stands there by the name of a variable, sealed, or (for the store alone) as it is."""

from collections.abc import Callable, Iterable, Mapping

from reconciler.control.importing.findings import Findings, FoundSecret
from reconciler.control.manifest.emitter import to_yaml
from reconciler.control.manifest.round_trip.naming import file_of
from reconciler.control.manifest.writer import document
from reconciler.control.seal import place_of, replaced
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.kinds import KINDS
from reconciler.resources.resource import Resource
from reconciler.secrets.place import Place
from reconciler.secrets.value import SecretValue

Written = Callable[[Place, SecretValue], JsonValue]
"""What stands in a field for a secret."""


def literal(_: Place, value: SecretValue) -> JsonValue:
    return value.reveal()


def with_secrets(findings: Findings, written: Written | None) -> list[Resource]:
    """The resources, in the order of their kinds; None: with the names of variables."""
    order = {kind: rank for rank, kind in enumerate(KINDS)}
    specs = {resource.key: resource.spec for resource in findings.resources}
    for secret in placed(findings):
        if written is not None and secret.key is not None and secret.key in specs:
            place = place_of(secret.key, secret.path)
            specs[secret.key] = replaced(specs[secret.key], secret.path, written(place, secret.value))
    return [Resource(key, specs[key]) for key in sorted(specs, key=lambda key: (order[key.kind], key))]


def placed(findings: Findings) -> Iterable[FoundSecret]:
    return [secret for secret in findings.secrets if secret.key is not None]


def text(resources: Iterable[Resource]) -> str:
    return to_yaml(_document(resource) for resource in resources)


def files(resources: Iterable[Resource]) -> Mapping[str, bytes]:
    """A file for each resource, by its path below the folder; a Model's Bindings stand behind it."""
    taken: set[str] = set()
    holders: dict[tuple[str, str], str] = {}
    documents: dict[str, list[JsonObject]] = {}
    for resource in resources:
        path = None
        if resource.key.kind == "Binding":
            path = holders.get((resource.key.namespace, str(resource.spec.get("model"))))
        if path is None:
            path = file_of(resource.key, taken).as_posix()
            taken.add(path.lower())
        if resource.key.kind == "Model":
            holders[resource.key.namespace, resource.key.name] = path
        documents.setdefault(path, []).append(_document(resource))
    return {path: to_yaml(each).encode() for path, each in documents.items()}


def _document(resource: Resource) -> JsonObject:
    return document(resource.key, {}, resource.spec)
