"""Who is let in at a management listener, put together for a store."""

from functools import partial

from reconciler.bootstrap.key_fetching import fetch
from reconciler.clock import Clock
from reconciler.management.doorkeeper import Doorkeeper
from reconciler.management.key_sets import KeySets
from reconciler.management.refusals import Refusals
from reconciler.settings import Reach
from reconciler.store import audit
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation


def door_of(
    location: StoreLocation, reader: Reader, reach: Reach, clock: Clock, keys: KeySets | None = None
) -> Doorkeeper:
    """It writes refusals itself: the store's writer belongs to the reconcile loop. `keys`: those of `issuer_keys`."""
    noted = partial(audit.note, location.config_path, clock=clock)
    return Doorkeeper(reader, clock, keys or issuer_keys(reader, reach, clock), Refusals(noted, clock))


def issuer_keys(reader: Reader, reach: Reach, clock: Clock) -> KeySets:
    """Of the issuer whose JSON Web Tokens the Settings trust."""
    return KeySets(partial(fetch, reader, reach), clock)
