"""How a worker builds providers: with the key that the store has by now, and with what was built before it started."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from reconciler.bootstrap.ciphers import load_cipher
from reconciler.errors import RouterctlError, StoreError
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.settings import Reach
from reconciler.snapshot.build import ProviderBuilder
from reconciler.snapshot.compile import Built, Resources
from reconciler.snapshot.model import Upstream
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation

_log = logging.getLogger(__name__)


class WorkerBuilder:
    """A store that holds nothing sealed may have no key yet; the first `apply` that seals makes it."""

    def __init__(
        self,
        location: StoreLocation,
        reader: Reader,
        reach: Reach,
        environ: Mapping[str, str],
        acknowledged: Callable[[str], int | None],
    ) -> None:
        self._location = location
        self._reader = reader
        self._environ = environ
        self._builder = ProviderBuilder(reach, environ, reader, EarlierBuilds(reader, acknowledged))

    def build(self, provider: StoredResource, resources: Resources, previous: Upstream | None) -> Built:
        if self._builder.cipher is None:
            self._find_key()
        return self._builder.build(provider, resources, previous)

    def _find_key(self) -> None:
        try:
            cipher, problem = load_cipher(self._location, self._environ, self._reader), None
        except RouterctlError as error:  # the providers that need the key are refused, and say so
            cipher, problem = None, error
            if str(error) != str(self._builder.key_problem):
                _log.warning("%s", error)
        self._builder = replace(self._builder, cipher=cipher, key_problem=problem)


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
