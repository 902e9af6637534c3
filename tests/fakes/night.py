"""What somebody on call does to a store behind the back of its sources."""

from fakes.workshop import PROVIDER, Workshop

from reconciler.clock import timestamp
from reconciler.control.apply import apply
from reconciler.control.ownership.update import update
from reconciler.control.plan.differ import completed
from reconciler.control.plan.model import Action, Change, content_of
from reconciler.control.proposal import Wanted
from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.scheme import structure_of_kind
from reconciler.store.records import Revision, RevisionMeta

ADA = "cli:ada"
BY_HAND = RevisionMeta(actor="ada", operation="patch", message="the provider flaps")


def patched(shop: Workshop, spec: JsonObject, key: ResourceKey = PROVIDER) -> Revision:
    """Writes fields of the spec; None takes one away."""
    before = shop.stored(key)
    written = {**before.resource.spec, **spec}
    kept: JsonObject = {name: value for name, value in written.items() if value is not None}
    content = content_of(Resource(key, kept, before.resource.labels, before.resource.annotations))
    done = update(
        content_of(before.resource),
        before.managed_fields,
        content,
        structure_of_kind(key.kind),
        manager=ADA,
        now=timestamp(shop.clock.now()),
    )
    after = completed(key, done.content, before)
    change = Change(Action.UPDATE, key, before, after, done.managers, before.source, before.path)
    return shop.writer.commit([change], base=shop.reader.head(), meta=BY_HAND)


def deleted(shop: Workshop, key: ResourceKey = PROVIDER) -> Revision:
    change = Change(Action.DELETE, key, shop.stored(key), None)
    return shop.writer.commit([change], base=shop.reader.head(), meta=BY_HAND)


def applied(shop: Workshop, *resources: Resource) -> Revision:
    """Without a source, over whatever others declare."""
    want = shop.wanted(shop.write("../night.yaml", *resources))
    forced = Wanted(want.declared, ADA, force=True)
    return apply(forced, shop.reader, shop.writer, shop.cipher, shop.clock, BY_HAND).revision
