"""Modules that many runs never need, loaded when one of their names is first used.

Who starts a process pays for all that it imports: `diff` of what did not change checks nothing, builds no overlay and
writes nothing. Who uses such a module imports it for the type checker, and for the rest takes it from here:

    if TYPE_CHECKING:
        from reconciler.control.kustomize import build
    else:
        build = late("reconciler.control.kustomize.build")

Contracts on imports see that as any import. Which modules may be late is a list of the architecture's tests. A process that
stays loads them all when it has begun: its files may be those of another version when it comes to need one.
"""

import sys
from importlib import import_module


class Late:
    """Stands for a module."""

    def __init__(self, name: str) -> None:
        self.late_name = name

    def __getattr__(self, name: str) -> object:
        value = getattr(import_module(self.late_name), name)
        self.__dict__[name] = value  # asked for once
        return value

    def __repr__(self) -> str:
        return f"<late {self.late_name}>"


def late(name: str) -> Late:
    return Late(name)


def load_all() -> None:
    """Loads what the modules that are loaded may come to need, and what those may."""
    loaded: set[str] = set()
    while wanted := _wanted() - loaded:
        for name in sorted(wanted):
            import_module(name)
        loaded |= wanted


def _wanted() -> set[str]:
    own = __name__.partition(".")[0]
    modules = [module for name, module in [*sys.modules.items()] if name.partition(".")[0] == own]
    return {
        value.late_name for module in modules for value in [*vars(module).values()] if isinstance(value, Late)
    }
