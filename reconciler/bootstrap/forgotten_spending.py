"""Whether budgets begin at zero because what was spent is not known: the records' file is new, or was lost."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from reconciler.clock import Clock, timestamp
from reconciler.gateway.limits.counters import MEASURES
from reconciler.resources.resource import StoredResource
from reconciler.resources.state import State
from reconciler.snapshot.limits import client_limits
from reconciler.store.calendar_windows import window_of
from reconciler.store.ledger import counted_since

_KIND = "ClientKey"
_SHOWN = 5
JUST_NOW = 60.0
"""Seconds."""


def forgotten_spending(state: State, records: Path, clock: Clock) -> str | None:
    """What an operator is to be told, once: when that file was just made. None where nothing is missing. Raises StoreError.

    Of a ClientKey that was made later than the file nothing can be missing.
    """
    since, now = counted_since(records), clock.now().timestamp()
    if since is None or now - since > JUST_NOW:
        return None
    made = timestamp(datetime.fromtimestamp(since, UTC))
    names = [
        str(key)
        for key, stored in sorted(state.items())
        if key.kind == _KIND
        and stored.creation_timestamp < made
        and any(window_of(window, now)[0] < since for window in _windows(stored))
    ]
    if not names:
        return None
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return (
        f"the records' file was made just now: budgets begin at zero ({', '.join(names[:_SHOWN])}{more}). If there was one "
        "before, what had been spent by then is not known any more"
    )


def _windows(stored: StoredResource) -> Iterator[str]:
    limits = client_limits(stored)
    for name, _ in limits.others if limits is not None else ():
        if MEASURES[name].aligned:
            yield MEASURES[name].aligned
