"""What a revision means for clients with keys, and for all of them: who is let in no more, who may no longer ask for what is still
there, whether keys are asked for, and which records go.
"""

from collections.abc import Iterator

from reconciler.control.plan.effects import (
    CLIENT_REFUSED,
    KEYS_ASKED_FOR,
    LESS_PERMITTED,
    LOST_RECORDS,
    Effect,
)
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey
from reconciler.snapshot.clients import Client, Clients
from reconciler.snapshot.model import Namespace, Snapshot
from reconciler.snapshot.recording import Recording


def client_effects(old: Snapshot, new: Snapshot) -> Iterator[Effect]:
    """Of clients that changed. What vanishes, or means another model, is told for everybody."""
    had, have = _by_key(old.clients), _by_key(new.clients)
    for key, before in had.items():
        after = have.get(key)
        if after is before:
            continue
        if after is None:
            yield Effect(CLIENT_REFUSED, key.namespace, key.name, ("accepted",), ("refused",))
            continue
        was, will = old.namespace(key.namespace), new.namespace(key.namespace)
        lost = tuple(name for name in sorted(was.models) if _loses(name, before, after, was, will))
        if lost:
            yield Effect(LESS_PERMITTED, key.namespace, key.name, lost)


def guard_effects(old: Snapshot, new: Snapshot) -> Iterator[Effect]:
    """Of the Settings that count for the whole gateway."""
    was, will = (("keys" if each.clients.required else "none",) for each in (old, new))
    if was != will:
        yield Effect(KEYS_ASKED_FOR, DEFAULT_NAMESPACE, "", was, will)
    yield from _lost_records(old.recording, new.recording)


def _by_key(clients: Clients) -> dict[ResourceKey, Client]:
    return {client.key: client for client in clients.listed}


def _loses(name: str, before: Client, after: Client, old: Namespace, new: Namespace) -> bool:
    was, will = old.models.get(name), new.models.get(name)
    if was is None or will is None:
        return False
    return before.may_use(was.name, name) and not after.may_use(will.name, name)


def _lost_records(old: Recording, new: Recording) -> Iterator[Effect]:
    kept = (
        (_hours(old.retention), _hours(new.retention), new.retention < old.retention),
        (f"{old.max_bytes >> 20} MiB", f"{new.max_bytes >> 20} MiB", new.max_bytes < old.max_bytes),
    )
    less = [(before, after) for before, after, fewer in kept if fewer]
    if less:
        before, after = zip(*less, strict=True)
        yield Effect(LOST_RECORDS, DEFAULT_NAMESPACE, "", before, after)


def _hours(milliseconds: int) -> str:
    seconds = milliseconds / 1000
    return f"{seconds / 3600:g}h" if seconds >= 3600 else f"{seconds:g}s"
