"""What a document should declare, so that it agrees with the store: as it is written, wherever that is true."""

from dataclasses import dataclass, replace

from reconciler.control.manifest.document import without_nulls
from reconciler.control.manifest.round_trip.literals import Literals, Path
from reconciler.control.manifest.round_trip.sameness import same
from reconciler.control.manifest.writer import manifest
from reconciler.control.plan.differ import owned_content
from reconciler.control.seal import literal_of
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import ResourceKey, StoredResource, finalizers_of
from reconciler.resources.scheme import structure_of_kind, with_defaults
from reconciler.resources.structure import Shape, Structure


def wanted_document(
    written: JsonObject, stored: StoredResource, literals: Literals, *, source: str | None = None
) -> JsonObject:
    """The data of a document that is written already, changed to what the store declares.

    A value equal to the stored one keeps its writing, and so does a field that states what a default makes true
    anyway; `enabled` is added only where its absence would mean something else. `source`: whose document it is: what
    other sources declare of the same resource is theirs to write.
    """
    data = without_nulls(written)
    share = _share(stored, source)
    declared = manifest(share)
    written_spec, spec = _object(data.get("spec")), _object(declared["spec"])
    if "enabled" in spec and "enabled" not in written_spec and _goes_without_saying(share, stored):
        del spec["enabled"]
    structure = structure_of_kind(stored.key.kind)
    merged = _Merge(stored.key, literals)
    spec = merged.true(written_spec, spec, stored.resource.spec, structure.child("spec"), ())
    metadata = _metadata(_object(data.get("metadata")), _object(declared["metadata"]))
    wanted: JsonObject = {**declared, "metadata": metadata, "spec": spec}
    if not spec and "spec" not in data:
        del wanted["spec"]
    return wanted


def _metadata(written: JsonObject, declared: JsonObject) -> JsonObject:
    """The namespace is written or left out as before: by its key, the document is the one that was meant."""
    kept = {name: value for name, value in declared.items() if name != "namespace"}
    for name in ("labels", "annotations"):
        if written.get(name) == {}:
            kept.setdefault(name, {})
    finalizers, held = written.get("finalizers"), declared.get("finalizers", [])
    if isinstance(finalizers, list) and isinstance(held, list) and (held or not finalizers):
        stays = [name for name in finalizers if name in held]
        kept["finalizers"] = [*stays, *(name for name in held if name not in stays)]
    if "namespace" in written:
        kept = {"name": kept.pop("name"), "namespace": written["namespace"], **kept}
    return kept


def _share(stored: StoredResource, source: str | None) -> StoredResource:
    """The resource as far as no other source declares it, if this one declares any of it."""
    if not any(entry.source == source for entry in stored.managed_fields if source is not None):
        return stored
    entries = tuple(entry for entry in stored.managed_fields if entry.source in (None, source))
    if len(entries) == len(stored.managed_fields):
        return stored
    share = replace(stored, managed_fields=entries)
    metadata = _object(owned_content(share).get("metadata"))
    resource = stored.resource
    return replace(
        share,
        resource=replace(
            resource,
            labels={
                name: text
                for name, text in resource.labels.items()
                if name in _object(metadata.get("labels"))
            },
            annotations={
                name: text
                for name, text in resource.annotations.items()
                if name in _object(metadata.get("annotations"))
            },
            finalizers=finalizers_of(metadata),
        ),
    )


def _goes_without_saying(share: StoredResource, stored: StoredResource) -> bool:
    """Whether `enabled` is another source's to say, or is nobody's and has its default value."""
    if "enabled" in _object(owned_content(share).get("spec")):
        return False
    if "enabled" in _object(owned_content(stored).get("spec")):
        return True
    spec = stored.resource.spec
    rest = {name: value for name, value in spec.items() if name != "enabled"}
    return with_defaults(stored.key.kind, rest)["enabled"] == spec["enabled"]


@dataclass(frozen=True, slots=True)
class _Merge:
    key: ResourceKey
    literals: Literals

    def true(
        self, written: JsonObject, declared: JsonObject, live: JsonObject, structure: Structure, path: Path
    ) -> JsonObject:
        """What is declared, and of what else is written that which holds."""
        kept: JsonObject = {}
        for name, value in declared.items():
            child, place = structure.child(name), (*path, name)
            kept[name] = self._value(written.get(name), value, live.get(name), child, place)
        for name, value in written.items():
            if name not in declared and (
                found := self._extra(value, live.get(name), structure.child(name), path)
            ):
                kept[name] = found[0]
        return kept

    def _value(
        self, written: JsonValue, declared: JsonValue, live: JsonValue, structure: Structure, path: Path
    ) -> JsonValue:
        if written is None:
            return declared
        if structure.shape is Shape.GRANULAR and isinstance(written, dict) and isinstance(declared, dict):
            return self.true(written, declared, _object(live), structure, path)
        if structure.shape is Shape.SECRET and (literal := literal_of(written)) is not None:
            return written if self.literals.stands(self.key, path, literal, declared) else declared
        return written if same(structure, written, declared) else declared

    def _extra(
        self, written: JsonValue, live: JsonValue, structure: Structure, path: Path
    ) -> tuple[JsonValue] | None:
        """What of a field stays that nobody declares to the store, if anything does."""
        if structure.shape is Shape.GRANULAR and isinstance(written, dict):
            inside = self.true(written, {}, _object(live), structure, path)
            return (inside,) if inside or written == live == {} else None
        return (written,) if live is not None and same(structure, written, live) else None


def _object(value: JsonValue) -> JsonObject:
    return dict(value) if isinstance(value, dict) else {}
