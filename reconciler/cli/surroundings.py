"""With what a command on this machine asks upstreams: the store, and what its process may reach."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from reconciler.bootstrap.reading import open_reader
from reconciler.cli.session import Session
from reconciler.late import late
from reconciler.settings import Reach

if TYPE_CHECKING:
    from reconciler.bootstrap.upstreams import building
else:
    building = late("reconciler.bootstrap.upstreams.building")

Given: TypeAlias = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""What --allow-env, --allow-file, --allow-exec and --allow-dir said."""


@contextmanager
def surroundings_of(session: Session, reach: Given) -> "Iterator[building.Surroundings]":
    """Raises StoreMissing where there is no store."""
    allow_env, allow_file, allow_exec, allow_dir = reach
    may = Reach.of(session.state_folder, allow_env, allow_file)
    may = may.running(session.environ, allow_exec, allow_dir)
    with open_reader(session.location) as reader:
        yield building.Surroundings(session.location, reader, may, session.environ)
