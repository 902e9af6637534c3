"""What people change by hand in a workshop's store, by the way that the commands take."""

from collections.abc import Mapping

from fakes.workshop import PROVIDER, Workshop, simulator

from reconciler.control.apply import Applied
from reconciler.control.imperative.rewriting import Rewrite
from reconciler.control.imperative.write import Writing, write
from reconciler.control.ownership.field_set import from_fields_v1, path_text
from reconciler.control.patch.merge_patch import merge_patch
from reconciler.json_types import JsonObject
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.store.records import RevisionMeta

ADA = "cli:ada"
BY_HAND = RevisionMeta(actor="ada", operation="patch", message="at night")


def merged(patch: JsonObject) -> Rewrite:
    return lambda whole: merge_patch(whole, patch)


def spec(**fields: bool | int | str | JsonObject | list[str] | None) -> Rewrite:
    """None takes a field away."""
    return merged({"spec": {**fields}})  # type: ignore[dict-item]  # lists of texts are JSON


def written(shop: Workshop, rewrites: Mapping[ResourceKey, Rewrite | None], manager: str = ADA) -> Applied:
    return write(Writing(rewrites, manager), shop.reader, shop.writer, shop.cipher, shop.clock, BY_HAND)


def changed(
    shop: Workshop, rewrite: Rewrite, key: ResourceKey = PROVIDER, manager: str = ADA
) -> StoredResource:
    written(shop, {key: rewrite}, manager)
    return shop.stored(key)


def owned(stored: StoredResource) -> dict[str, set[str]]:
    """The fields that each manager has."""
    return {
        entry.manager: {path_text(path).removeprefix(".") for path in from_fields_v1(entry.fields)}
        for entry in stored.managed_fields
    }


def drift(shop: Workshop, name: str = "sim") -> None:
    """Somebody takes the field over; then the branch owns it again, at another value: an edit behind its back."""
    key = ResourceKey("Provider", "default", name)
    stored = shop.stored(key)
    shop.write("drift.yaml", simulator(name, text="drifted"))
    want = shop.wanted(shop.folder / "drift.yaml", source=stored.source, force=True)
    shop.apply_wanted(want)
    assert shop.text(name) == "drifted"
