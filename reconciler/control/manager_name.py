"""Under which name somebody may manage fields."""

from collections.abc import Collection

from reconciler.control.manifest.printable import printable
from reconciler.errors import InvalidInput, Refused
from reconciler.resources.resource import local_manager

_RESERVED = ("git:", "cli:", "api:")
"""Each says who it is that writes: a source, somebody at this machine, a principal of the API."""
_LONGEST = 128


def manager_name(name: str, own: Collection[str]) -> str:
    """`name`, if it may be used by who works as `own` anyway.

    Raises InvalidInput for what is no name (Kubernetes' rule), Refused for the name of somebody else.
    """
    if not name or len(name) > _LONGEST or not name.isprintable() or name != name.strip():
        raise InvalidInput(
            f'"{printable(name[:_LONGEST])}" is no name of a field manager',
            hint=f"write one of 1 to {_LONGEST} printable characters, without a blank at its ends",
        )
    if name.startswith(_RESERVED) and name not in own:
        raise Refused(
            f"fields can't be managed here as {name}: that is the name of somebody else",
            hint=f"here it may be {' or '.join(sorted(own))}, or a name that does not begin with "
            + ", ".join(_RESERVED),
        )
    return name


def local_name(name: str | None, user: str) -> str:
    """As manager_name, for `user` at this machine; without a name the user's own."""
    own = local_manager(user)
    return manager_name(name, [own]) if name is not None else own
