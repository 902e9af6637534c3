"""What becomes of secrets that others gave, in changes of a principal who is no admin: pure functions, asked before a commit.

Whoever may write a resource could otherwise have its key sent elsewhere: by repeating the id of a value that they don't know,
by becoming the one who declares it, or by pointing the resource elsewhere under a name that a key follows. A way back to
an earlier state is none of that: whoever wrote that state was asked.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from reconciler.control.permission import Written, check_write
from reconciler.control.plan.model import Change
from reconciler.control.proposal import Proposal
from reconciler.control.seal import sealed_id, sealed_text, secrets_of
from reconciler.errors import Forbidden
from reconciler.json_types import value_at
from reconciler.resources.principal import Principal, Role
from reconciler.resources.resource import StoredResource
from reconciler.snapshot.trust import address_of, carries, managers_of

_TLS = ("config", "tls")
_ADDRESS = (("config", "baseURL"), ("type",), _TLS)


def check_proposed(who: Principal, proposal: Proposal, manager: str) -> None:
    """All that stands between a principal and what it proposes."""
    check_write(who, proposal.plan.changes, manager)
    check_sealed(who, proposal.plan.changes, proposal.entries)
    check_kept(who, proposal.plan.edits)


def check_sealed(who: Principal, changes: Iterable[Written], new: Collection[str]) -> None:
    """Only an admin brings back a sealed value that was stored before: who does not know it could have it sent elsewhere."""
    if who.role.covers(Role.ADMIN):
        return
    for change in changes:
        live = change.before.resource.spec if change.before is not None else {}
        for path, written in secrets_of(change.after) if change.after is not None else ():
            entry = sealed_id(written)
            if entry is not None and entry not in new and written != value_at(live, path):
                raise Forbidden(
                    f"{who.name} is {who.role}, and only an admin brings back a sealed value: "
                    f"{change.key} spec.{'.'.join(path)}",
                    hint="write the value itself, or a reference to it",
                )


def check_kept(who: Principal, edits: Iterable[Change]) -> None:
    """A value that stays, and that others gave, stays theirs, and follows no address that they did not give as well."""
    if who.role.covers(Role.ADMIN):
        return
    for edit in edits:
        if edit.before is None or edit.after is None:
            continue
        after = replace(
            edit.before, resource=edit.after, managed_fields=edit.managed_fields, source=edit.source
        )
        for path, written in secrets_of(edit.after):
            held = sealed_id(written) is not None or sealed_text(written) is not None
            if held and written == value_at(edit.before.resource.spec, path):
                _check(who, edit.before, after, path)


def _check(who: Principal, before: StoredResource, after: StoredResource, path: tuple[str, ...]) -> None:
    givers = {each.manager for each in managers_of(before, *path)}
    others = {name for name in givers if not _is_own(who, name)}
    if givers and not others:
        return
    place = f"{after.key} spec.{'.'.join(path)}"
    if lost := others - {each.manager for each in managers_of(after, *path)}:
        raise Forbidden(
            f"{who.name} is {who.role}, and only an admin takes a sealed value from {min(lost)}: {place}",
            hint="write a value of your own first",
        )
    if after.key.kind == "Provider" and _comes_along(who, before, after, ".".join(path[1:])):
        raise Forbidden(
            f"{who.name} is {who.role}, and only an admin sends a key of others to another address: {place}",
            hint="write a value of your own first",
        )


def _comes_along(who: Principal, before: StoredResource, after: StoredResource, field: str) -> bool:
    """Whether it goes afterwards to where it did not go before, by the word of who had none in that."""
    if not carries(after, field):
        return False
    if not carries(before, field):
        return True
    moved = {
        path
        for path in _ADDRESS
        if value_at(before.resource.spec, path) != value_at(after.resource.spec, path)
    }
    told = [*address_of(before), *(managers_of(before, *_TLS) if _TLS in moved else ())]
    return bool(moved) and any(not _is_own(who, each.manager) for each in told)


def _is_own(who: Principal, manager: str) -> bool:
    return manager == who.own_manager or manager in who.managers
