"""How a worker builds providers: with the key that the store has by now, and with what was built before it started."""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from reconciler.bootstrap.ciphers import load_cipher
from reconciler.clock import Clock, SystemClock
from reconciler.errors import RouterctlError, StoreError
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.settings import Reach, key_file
from reconciler.snapshot.build import ProviderBuilder
from reconciler.snapshot.compile import Built, Resources
from reconciler.snapshot.model import Upstream
from reconciler.snapshot.read_files import Mark, ReadFiles, mark_of
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation

_log = logging.getLogger(__name__)

ASK_AGAIN_SECONDS = 30.0
"""A program that gives no key may take long to say so, and providers are built one after the other."""


class WorkerBuilder:
    """A store that holds nothing sealed may have no key yet, and a key file may be given a new key while we serve."""

    def __init__(
        self,
        location: StoreLocation,
        reader: Reader,
        reach: Reach,
        environ: Mapping[str, str],
        acknowledged: Callable[[str], int | None],
        clock: Clock | None = None,
        *,
        quiet: bool = False,
    ) -> None:
        """`quiet`: what is wrong with the key is told by the refusals alone."""
        self._quiet = quiet
        self._location = location
        self._reader = reader
        self._environ = environ
        self._clock = clock or SystemClock()
        self._key_file = key_file(environ, location.config_path)
        self._key_mark: Mark = None
        self._looked: float | None = None
        self._builder = ProviderBuilder(
            reach, environ, reader, EarlierBuilds(reader, acknowledged), files=ReadFiles(self._clock)
        )

    def build(self, provider: StoredResource, resources: Resources, previous: Upstream | None) -> Built:
        self._look_for_key()
        built = self._builder.build(provider, resources, previous)
        if built.refusal is not None and self._key_file is not None:
            self._builder.files.note(provider.key, str(self._key_file))  # another key may be what it lacks
        return built

    def reread(self) -> Collection[ResourceKey]:
        """The providers some file of which changed since they were built, and those whose time is over."""
        return self._builder.files.changed()

    def _look_for_key(self) -> None:
        """A file is looked at each time; a program that gave no key is not asked again at once."""
        if self._key_file is not None:
            mark = mark_of(str(self._key_file))
            if self._builder.cipher is None or mark != self._key_mark:
                self._key_mark = mark
                self._find_key()
        elif self._builder.cipher is None:
            now = self._clock.monotonic()
            if self._looked is None or now - self._looked >= ASK_AGAIN_SECONDS:
                self._looked = now
                self._find_key()

    def _find_key(self) -> None:
        """A key at hand stays until there is another."""
        try:
            cipher, problem = load_cipher(self._location, self._environ, self._reader), None
        except RouterctlError as error:  # the providers that need the key are refused, and say so
            cipher, problem = None, error
            if not self._quiet and str(error) != str(self._builder.key_problem):
                _log.warning("%s", error)
        self._builder = replace(self._builder, cipher=cipher or self._builder.cipher, key_problem=problem)


@dataclass(frozen=True, slots=True)
class EarlierBuilds:
    """What workers built before, from the records and the temporal store."""

    reader: Reader
    builds: Callable[[str], int | None]
    """The last revision at which a worker, live or not, built the provider of a name."""

    def acknowledged(self, provider: ResourceKey) -> int | None:
        """None as well where the records can't be read: a refused provider goes without, the rest serves."""
        try:
            return self.builds(str(provider))
        except StoreError as error:
            _log.warning("%s", error)
            return None

    def get(self, key: ResourceKey, *, at: int) -> StoredResource | None:
        return self.reader.get(key, at=at)
