"""Who writes: somebody at this machine, or whoever asks the management listener."""

from dataclasses import dataclass

from reconciler.control.intake import user
from reconciler.resources.principal import Principal
from reconciler.resources.resource import local_manager


@dataclass(frozen=True, slots=True)
class Author:
    """`actor` is whom a revision names, `own` the field manager of who says no other. remote: by the listener."""

    caller: Principal
    actor: str
    own: str
    remote: bool = False


def at_this_machine(caller: Principal) -> Author:
    name = user()
    return Author(caller, name, local_manager(name))


def by_the_listener(caller: Principal) -> Author:
    return Author(caller, caller.name, caller.own_manager, remote=True)
