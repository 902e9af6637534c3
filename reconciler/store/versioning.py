"""What one commit writes, decided without a database: numbers, uids, generations, events. The law of counting."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.store import codec
from reconciler.store.checksums import with_checksum
from reconciler.store.records import Edit, Event, Revision, RevisionMeta, StaleBase


@dataclass(frozen=True, slots=True)
class LiveVersion:
    """What the store holds of a resource now, as far as the next version depends on it."""

    resource_version: int
    valid_from: int
    uid: str
    generation: int
    created: str
    managed_fields: str
    source: str | None
    path: str | None
    digest: str
    body: str


@dataclass(slots=True)
class Versions:
    """`opened` are new rows of the version table, `closed` the resourceVersions whose rows end now.

    `claims` are rows that stay: their content is the same, and only who declares it changed. `disowned` says for each of
    them what it was until then, for whom wants to read it as it stood.
    """

    opened: list[dict[str, object]] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    claims: list[dict[str, object]] = field(default_factory=list)
    disowned: list[dict[str, object]] = field(default_factory=list)


def count(
    edits: Iterable[Edit],
    live: Mapping[ResourceKey, LiveVersion],
    *,
    revision: int,
    last_resource_version: int,
    time: str,
) -> Versions:
    """Each edit that changes content takes the next resourceVersion, in the order given.

    A uid lives until its resource is deleted; the generation moves with the spec alone. A change of managers, source
    or path alone is a claim: it is written, and moves nothing. Other edits vanish. Raises StaleBase for an edit that was
    planned from other managers than are stored. Finalizers are honoured: see `_honoured`.
    """
    versions = Versions()
    seen: set[ResourceKey] = set()
    claimed: list[LiveVersion] = []
    number = last_resource_version
    for edit in edits:
        if edit.key in seen or (edit.after is not None and edit.after.key != edit.key):
            raise ValueError(f"the edits of one commit contradict each other at {edit.key}")
        seen.add(edit.key)
        before = live.get(edit.key)
        if before is not None and edit.before is not None and not _planned_from(edit.before, before):
            raise StaleBase(base=revision - 1, head=None)
        edit = _honoured(edit, before, time)  # noqa: PLW2901  what is written is not always what was asked for
        content = None if edit.after is None else codec.encode(edit.after)
        event = _event(edit, before, number + 1, revision, content and content.digest)
        if event is None:
            if before is not None and not _same_ownership(edit, before):
                versions.claims.append(_claim(edit, before))
                claimed.append(before)
            continue
        number += 1
        versions.events.append(event)
        if before is not None:
            versions.closed.append(before.resource_version)
        if content is not None:
            versions.opened.append(_row(edit, before, event, time, content))
    until = revision if versions.events else revision - 1
    versions.disowned += [_disowned(before, until) for before in claimed if before.valid_from < until]
    return versions


@dataclass(frozen=True, slots=True)
class _Written:
    """Fits Edit."""

    key: ResourceKey
    before: StoredResource | None
    after: Resource | None
    managed_fields: tuple[FieldManager, ...] = ()
    source: str | None = None
    path: str | None = None


def _honoured(edit: Edit, before: LiveVersion | None, time: str) -> Edit:
    """The edit that is written in place of one that deletes what still has finalizers: it marks it, once. What is being
    deleted and has none any more is deleted.
    """
    if edit.after is not None:
        return _Written(edit.key, edit.before, None) if edit.after.ended else edit
    held = codec.decode(edit.key, before.body) if before is not None else None
    if before is None or held is None or not held.finalizers:
        return edit
    return _Written(
        edit.key,
        edit.before,
        held if held.terminating else replace(held, deletion_timestamp=time),
        codec.decode_managers(edit.key, before.managed_fields),
        before.source,
        before.path,
    )


def _event(
    edit: Edit, before: LiveVersion | None, number: int, revision: int, digest: str | None
) -> Event | None:
    if before is None:
        return None if digest is None else Event(number, revision, "ADDED", edit.key, None, digest)
    if digest is None:
        return Event(number, revision, "DELETED", edit.key, before.digest, None)
    if before.digest == digest:
        return None
    return Event(number, revision, "MODIFIED", edit.key, before.digest, digest)


def _planned_from(planned: StoredResource, before: LiveVersion) -> bool:
    stored = codec.decode_managers(planned.key, before.managed_fields)
    return codec.same_managers(planned.managed_fields, stored)


def _same_ownership(edit: Edit, before: LiveVersion) -> bool:
    stored = codec.decode_managers(edit.key, before.managed_fields)
    return (edit.source, edit.path) == (before.source, before.path) and codec.same_managers(
        edit.managed_fields, stored
    )


def _claim(edit: Edit, before: LiveVersion) -> dict[str, object]:
    row = {
        "resource_version": before.resource_version,
        "uid": before.uid,
        "generation": before.generation,
        "created": before.created,
        "managed_fields": codec.encode_managers(edit.managed_fields),
        "source": edit.source,
        "path": edit.path,
    }
    moved = ("managed_fields", "source", "path", "checksum")
    sealed = with_checksum("version", row)
    return {"claimed": before.resource_version, **{name: sealed[name] for name in moved}}


def _disowned(before: LiveVersion, until: int) -> dict[str, object]:
    row = {
        "resource_version": before.resource_version,
        "until": until,
        "managed_fields": before.managed_fields,
        "source": before.source,
        "path": before.path,
    }
    return with_checksum("ownership", row)


def _row(
    edit: Edit, before: LiveVersion | None, event: Event, time: str, content: codec.Encoded
) -> dict[str, object]:
    if before is None:
        uid, generation, created = str(uuid.uuid4()), 1, time
    else:
        moved = not codec.holds_spec(before.body, content.spec)
        uid, generation, created = before.uid, before.generation + moved, before.created
    row = {
        "resource_version": event.resource_version,
        **edit.key._asdict(),
        "uid": uid,
        "generation": generation,
        "created": created,
        "valid_from": event.revision,
        "valid_to": None,
        "managed_fields": codec.encode_managers(edit.managed_fields),
        "source": edit.source,
        "path": edit.path,
        "digest": content.digest,
        "body": content.body,
    }
    return with_checksum("version", row)


def revision_of(head: Revision, meta: RevisionMeta, time: str, events: Sequence[Event]) -> Revision:
    """The one that comes after `head`, signed."""
    fields = {name: value for name, value in asdict(meta).items() if name != "manager"}
    unsigned = Revision(number=head.number + 1, parent=head.number, time=time, digest="", **fields)
    return replace(unsigned, digest=codec.revision_digest(unsigned, head.digest or None, events))
