"""How a worker builds providers: with the key that the store has by now, and with what was built before it started."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from reconciler.bootstrap.reading import load_cipher
from reconciler.errors import RouterctlError
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.settings import Reach
from reconciler.snapshot.build import Earlier, ProviderBuilder
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
        self._key_problem = ""
        earlier = earlier_builds(reader, acknowledged)
        self._builder = ProviderBuilder(reach, environ, reader, None, earlier)

    def build(self, provider: StoredResource, resources: Resources, previous: Upstream | None) -> Built:
        if self._builder.cipher is None:
            self._find_key()
        return self._builder.build(provider, resources, previous)

    def _find_key(self) -> None:
        try:
            cipher = load_cipher(self._location, self._environ, self._reader)
        except RouterctlError as error:  # the providers that need the key are refused, and say so
            if str(error) != self._key_problem:
                self._key_problem = str(error)
                _log.warning("%s", error)
            return
        if cipher is not None:
            self._builder = replace(self._builder, cipher=cipher)


def earlier_builds(reader: Reader, acknowledged: Callable[[str], int | None]) -> Earlier:
    """The state of the last revision at which a worker built a provider, from the records and the temporal store."""

    def earlier(provider: ResourceKey) -> tuple[int, Resources] | None:
        revision = acknowledged(str(provider))
        return None if revision is None else (revision, reader.state_at(revision))

    return earlier
