"""How a change is asked for: in whose name, why, and on which conditions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from reconciler.control.manager_name import manager_name
from reconciler.control.permission import check_manager, require
from reconciler.management.problems import PreconditionFailed
from reconciler.resources.principal import Principal, Role
from reconciler.resources.resource import ResourceKey
from reconciler.resources.state import State

NONE = frozenset[str]()
"""Among what is expected of a resource: it is not there."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a change is asked for. `operation` is what history and audit call it.

    `expected` are the resourceVersions that a resource may have for it ("*": any), NONE where it must not be there yet.
    Without `force` nothing is taken from what a source declares.
    """

    operation: str
    manager: str | None = None
    message: str = ""
    dry_run: bool = False
    force: bool = False
    expected: Mapping[ResourceKey, Collection[str]] = field(default_factory=lambda: MappingProxyType({}))


def manager_of(who: Principal, name: str | None) -> str:
    """Under which name a principal's changes are managed. Raises InvalidInput for what is none, Forbidden for another's,
    and for who may write nothing at all.
    """
    require(who, Role.OPERATOR)
    if name is None:
        return who.own_manager
    check_manager(who, name)
    return manager_name(name, [name])


def check_expected(state: State, expected: Mapping[ResourceKey, Collection[str]]) -> None:
    for key, versions in expected.items():
        stored = state.get(key)
        if stored is None:
            if versions:
                raise PreconditionFailed(f"{key} does not exist, and If-Match says that it should")
        elif not versions:
            raise PreconditionFailed(f"{key} is there already, and If-None-Match says that it should not be")
        elif "*" not in versions and str(stored.resource_version) not in versions:
            raise PreconditionFailed(
                f"{key} was changed in between: its resourceVersion is {stored.resource_version}",
                hint="look at it again",
            )
