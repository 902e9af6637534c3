"""A value that a command puts into a Secret: the Secret as it should be, be it there already or not."""

from collections.abc import Sequence
from dataclasses import replace

from reconciler.control.manifest.decode import Declared, decode
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.manifest.emitter import to_yaml
from reconciler.control.manifest.printable import printable
from reconciler.control.manifest.reader import read_text
from reconciler.control.seal import replaced
from reconciler.errors import NotFound, Refused
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.api_version import API_VERSION
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.value import SecretValue


def new_secret(key: ResourceKey, entry: str, value: SecretValue, hosts: Sequence[str]) -> Declared:
    """One that is not there yet. Raises InvalidManifests for names that no manifest may have."""
    spec: JsonObject = {**({"hosts": [*hosts]} if hosts else {}), "data": {entry: {"value": "-"}}}
    metadata: JsonObject = {"name": key.name, "namespace": key.namespace}
    document: JsonObject = {"apiVersion": API_VERSION, "kind": key.kind, "metadata": metadata, "spec": spec}
    reading = read_text(to_yaml([document]).encode(), str(key))
    decoding = decode(reading.documents, namespace=key.namespace)
    problems = [*reading.problems, *decoding.problems]
    if problems:
        raise InvalidManifests([replace(problem, location=None) for problem in problems])
    (declared,) = decoding.declared
    written = replaced(declared.resource.spec, ("data", entry), {"value": value.reveal()})
    return replace(declared, resource=replace(declared.resource, spec=written))


def with_value(target: JsonObject, entry: str, value: SecretValue, hosts: Sequence[str]) -> JsonValue:
    """One that is there, with a value of its data; `hosts` are added to those that it names."""
    written = target.get("spec")
    spec: JsonObject = written if isinstance(written, dict) else {}
    named = spec.get("hosts")
    listed = named if isinstance(named, list) else []
    if new := [host for host in dict.fromkeys(hosts) if host not in listed]:
        spec = {**spec, "hosts": [*listed, *new]}
    return {**target, "spec": replaced(spec, ("data", entry), {"value": value.reveal()})}


def without_value(target: JsonObject, key: ResourceKey, entry: str) -> JsonValue:
    """One that is there, without a value of its data. Raises NotFound where it has none of this name, and Refused for the
    last one: a Secret without data is none.
    """
    spec = target.get("spec")
    data = spec.get("data") if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or not isinstance(data, dict) or entry not in data:
        raise NotFound(f"{key} has no {printable(entry)}", hint="what it has", command="secret list")
    left = {name: value for name, value in data.items() if name != entry}
    if not left:
        raise Refused(
            f"{printable(entry)} is all that {key} holds",
            hint="to be rid of it",
            command=f"delete secret/{key.name}",
        )
    return {**target, "spec": {**spec, "data": left}}
