"""A store on this machine, opened."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from reconciler.api.records import Records
from reconciler.bootstrap.authors import at_this_machine
from reconciler.bootstrap.callers import this_user
from reconciler.bootstrap.reading import open_reader
from reconciler.bootstrap.writes import LocalWrites
from reconciler.bootstrap.writing import open_writer
from reconciler.clock import SystemClock
from reconciler.library.router import Router
from reconciler.settings import environment
from reconciler.store.url import StoreLocation, parse


def open_store(url: "str | os.PathLike[str]", *, environ: Mapping[str, str] | None = None) -> Router:
    """`url` is sqlite:///PATH or a path; the store is made where there is none, and migrated where it is an older one's.

    Who works on the file is admin. `environ` is where keys and the variables of imports are looked for; the process's own
    where it is not given.
    """
    location, clock = parse(os.fspath(url)), SystemClock()
    given = environment() if environ is None else environ
    if not location.config_path.exists():
        open_writer(location, clock).close()
    writes = LocalWrites(location, given, clock, at_this_machine(this_user()))
    return Router(_reading(location), writes, given)


def _reading(location: StoreLocation) -> Callable[[], AbstractContextManager[Records]]:
    @contextmanager
    def reading() -> Iterator[Records]:
        with open_reader(location) as reader:
            yield reader

    return reading
