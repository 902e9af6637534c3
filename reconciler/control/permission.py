"""Who may do what on the management side: pure functions, asked before anything is written.

A role says what may be done at all, `namespaces` where, `managers` in whose name. Nobody gives what they don't have: so no
role can raise itself. Who works on the store's file is admin, and is asked the same.
"""

import re
import shlex
from collections.abc import Collection, Iterable
from typing import Protocol

from reconciler.control.manifest.printable import printable
from reconciler.control.manifest.validate import GUARDS
from reconciler.errors import Forbidden, InvalidInput
from reconciler.resources.principal import LENT, Principal, Role
from reconciler.resources.resource import DEFAULT_NAMESPACE, Resource, ResourceKey, StoredResource

_LOCAL = "cli:"
"""Names of who works on the store's file; nobody else has one."""
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")


class Written(Protocol):
    """A change of one resource, as plans and commits have it."""

    @property
    def key(self) -> ResourceKey: ...
    @property
    def before(self) -> StoredResource | None: ...
    @property
    def after(self) -> Resource | None: ...


def require(who: Principal, role: Role) -> None:
    """Raises Forbidden."""
    if not who.role.covers(role):
        raise Forbidden(f"{who.name} is {who.role}, and this needs the role {role}")


def check_read(who: Principal, namespace: str) -> None:
    """Raises Forbidden."""
    require(who, Role.VIEWER)
    _check_namespace(who, namespace)


def check_write(who: Principal, changes: Iterable[Written], manager: str) -> None:
    """Raises Forbidden, naming the first thing that `who` may not."""
    require(who, Role.OPERATOR)
    check_manager(who, manager)
    for change in changes:
        _check_namespace(who, change.key.namespace)
        guard = _guard(change)
        if guard is not None and not who.role.covers(Role.ADMIN):
            raise Forbidden(
                f"{who.name} is {who.role}, and only an admin changes {guard} of {change.key}",
                hint="it counts for the whole gateway",
            )


def check_manager(who: Principal, manager: str) -> None:
    """Raises Forbidden for the name of somebody else. A name that is nobody's is an admin's: others' fields may stand under it,
    and who writes both a secret and an address decides where the secret goes.
    """
    if who.is_local or manager == who.own_manager or manager in who.managers:
        return
    if manager.startswith((*LENT, _LOCAL)) or not who.role.covers(Role.ADMIN):
        raise Forbidden(
            f"{who.name} may not manage fields as {printable(manager)}",
            hint=f"its own name is {printable(who.own_manager)}; for another one a token has to say it. Where the store is: "
            f"routerctl token create NAME --role {Role.OPERATOR} --manager {shlex.quote(printable(manager))}",
        )


def check_grant(
    by: Principal, role: Role, managers: Collection[str], namespaces: Collection[str] | None
) -> None:
    """Whether `by` may let somebody in with that. Raises Forbidden, InvalidInput for what is no name."""
    require(by, max(Role.ADMIN, role, key=[*Role].index))
    for manager in managers:
        if manager.startswith(_LOCAL) or not manager.isprintable() or manager in ("", *LENT):
            raise InvalidInput(
                f'"{printable(manager)}" is no manager that a token needs',
                hint="write git:SOURCE, or another name but that of somebody at this machine",
            )
        check_manager(by, manager)
    if namespaces is not None and not (namespaces and all(namespaces)):
        raise InvalidInput(
            "a token of no namespace could do nothing",
            hint="name its namespaces, or say nothing of them where it is for all",
        )
    if by.namespaces is not None and (namespaces is None or not by.namespaces.issuperset(namespaces)):
        raise Forbidden(f"{by.name} can let nobody into namespaces where it may not go itself")


def check_token_name(name: str) -> str:
    """`name`. Raises InvalidInput for what is none: it stands in the audit, and on command lines."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f'"{printable(name)}" is no name of a token',
            hint="write letters, digits, dots, - and _, at most 63, beginning and ending with a letter or digit",
        )
    return name


def _check_namespace(who: Principal, namespace: str) -> None:
    if not who.sees(namespace):
        raise Forbidden(f"{who.name} may do nothing in the namespace {namespace}")


def _guard(change: Written) -> str | None:
    """The field of the Settings that counts for the whole gateway, and is another afterwards."""
    if (change.key.kind, change.key.namespace) != ("Settings", DEFAULT_NAMESPACE):
        return None
    before = change.before.resource.spec if change.before is not None else {}
    after = change.after.spec if change.after is not None else {}
    return next((field for field in GUARDS if before.get(field) != after.get(field)), None)
