"""How the units of a counter are shared out. Pure: what holders have, wish and spent in, what they get out.

A counter has a capacity, for all workers of a store together. With a `window` its units are spent, and come back when
they lapse: at no time were more than the capacity spent within one window, wherever it begins; or, of a counter that goes
by the calendar, within each of its windows. Without one they are slots, which are used and given back. What a holder does
not spend or use it holds, so that no other can.

    capacity >= units held by all + units spent within the window            whatever happens, at every moment

A unit that is held by a holder who has died counts as spent when its lease expired, and lapses a window later. Moments
are of one clock for all processes. Settling is what keeps the line above: nothing else here has to be right for it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from reconciler.store.calendar_windows import window_of

LASTS = 3.0
"""Seconds that a lease holds without being renewed."""

STEPS = 120
"""What was spent is remembered to this part of the window, rounded up."""

SCHEMA = """CREATE TABLE IF NOT EXISTS lease (
    counter TEXT NOT NULL, holder TEXT NOT NULL, units INTEGER NOT NULL, used INTEGER NOT NULL,
    wanted INTEGER NOT NULL, since REAL NOT NULL, expires REAL NOT NULL, PRIMARY KEY (counter, holder)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spent (
    counter TEXT NOT NULL, lapses REAL NOT NULL, units INTEGER NOT NULL, PRIMARY KEY (counter, lapses)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counted_since (moment REAL NOT NULL);
INSERT INTO counted_since SELECT strftime('%s', 'now') + 0.0 WHERE NOT EXISTS (SELECT 1 FROM counted_since);
"""


class Counter(NamedTuple):
    """What is counted under `key`. `window` is seconds; 0: slots.

    `calendar`: its moments are of the wall clock, so that it goes on when the machine was started anew; that is for windows
    of hours and more. Any other is of the clock since then, which nobody sets. `aligned` names a window of
    `calendar_windows`: all that is spent in one comes back at its end. Then `window` is how long that may be.
    """

    key: str
    capacity: int
    window: float = 0.0
    calendar: bool = False
    aligned: str = ""


class Lease(NamedTuple):
    """One holder's. `units` with those in use, `used`, as last told; `wanted` are further ones, `since` a moment."""

    holder: str
    units: int
    used: int
    wanted: int
    since: float
    expires: float


class Wish(NamedTuple):
    """What a holder tells of a counter, and asks of it.

    Told: `held`, what it was granted and had not told as spent before; `used`, slots in use; `spent`, units since it
    last told, more than it held where it can't help it; `refunded`, of those told as spent, within their window.
    Asked: to `keep` so many that it does not use, `wanted` more, since somebody waits, and `ahead` more, if nobody else wants.
    """

    counter: Counter
    held: int = 0
    used: int = 0
    spent: int = 0
    refunded: int = 0
    keep: int = 0
    wanted: int = 0
    ahead: int = 0


class Grant(NamedTuple):
    """`units` are all that the holder has from now on, with slots in use, without what it spent.

    `lacking`: of those wanted. `contested`: another holder wants units. `claimants`: holders who use or want some, itself
    included. `movable`: another holds what it does not use. `ready_in`: seconds until enough will have lapsed; None where
    that is not known. `left`: units that nobody holds. `whole_in`: seconds until all that is spent will have lapsed.
    `lapses`: when what is told as spent now comes back, by the counter's clock. `expired`: the holder's lease had, and
    what it held was counted by then.
    """

    units: int
    lacking: int = 0
    contested: bool = False
    claimants: int = 1
    movable: bool = False
    ready_in: float | None = None
    left: int = 0
    whole_in: float = 0.0
    lapses: float = 0.0
    expired: bool = False


class Settled(NamedTuple):
    """What is to be written: the holder's lease, None where nothing is left of it, and units that count as spent now."""

    lease: Lease | None
    spent: int
    grant: Grant


def settle(wish: Wish, holder: str, leases: Sequence[Lease], spent: int, now: float) -> Settled:
    """`leases` are all that have not expired, the holder's own included; `spent` is what counts as such."""
    own = next((lease for lease in leases if lease.holder == holder), None)
    others = [lease for lease in leases if lease.holder != holder]
    counter = wish.counter
    if counter.window:
        had = own.units if own is not None else 0
        # a limit that went and came again knows of nothing: all that its lease has was spent, for all that is known
        forgotten = 0 if wish.held else had
        told = wish.spent + forgotten if own is not None else max(0, wish.spent - wish.held)
        kept = min(had - forgotten - wish.spent, wish.keep)
    else:
        had, told = own.units if own is not None else 0, 0
        kept = min(had, wish.used + wish.keep)
    whole = counter.capacity - spent - told - sum(lease.units for lease in others)
    kept = max(wish.used, min(kept, whole))  # of a capacity that was lowered, or exceeded, there may be less
    free = whole - kept
    since = own.since if own is not None and own.wanted else now
    ahead_of_it = _ahead_of(counter, others, kept, since) if wish.wanted else 0
    granted = max(0, min(wish.wanted, free - ahead_of_it))
    contested = any(lease.wanted for lease in others)
    extra = 0 if contested else max(0, min(wish.ahead, free - granted))
    units, lacking = kept + granted + extra, wish.wanted - granted
    lease = Lease(holder, units, wish.used, lacking, now if granted else since, now + LASTS)
    claims = sum(1 for each in others if each.used or each.wanted)
    grant = Grant(
        units,
        lacking,
        contested,
        claims + 1,
        any(each.units > each.used for each in others),
        left=max(0, free - granted - extra),
        expired=own is None and wish.held > 0,
    )
    return Settled(lease if units or lacking else None, told, grant)


def fair_share(counter: Counter, claimants: int) -> int:
    """The slots that nobody takes from a holder; 0 where there are fewer of them than holders who claim some."""
    return counter.capacity // max(1, claimants)


def _ahead_of(counter: Counter, others: Sequence[Lease], kept: int, since: float) -> int:
    """Units for those who come first: who has less than its share, then who has waited longer."""
    claimants = 1 + sum(1 for lease in others if lease.used or lease.wanted)
    share = max(1, fair_share(counter, claimants))
    if counter.window:
        return sum(lease.wanted for lease in others if lease.wanted and lease.since < since)
    before = 0
    for lease in others:
        missing = min(lease.wanted, share - lease.units)
        if missing > 0 and (kept >= share or lease.since < since):
            before += missing
    return before


def ready_in(lapses: Sequence[tuple[float, int]], missing: int, now: float) -> float | None:
    """When so many units will have lapsed; `lapses` in order, each with its units."""
    for moment, units in lapses:
        missing -= units
        if missing <= 0:
            return max(0.0, moment - now)
    return None


def lapse(counter: Counter, now: float) -> float:
    """When what is spent now comes back, to a step."""
    if counter.aligned:
        return window_of(counter.aligned, now)[1]
    step = counter.window / STEPS
    return (int((now + counter.window) / step) + 1) * step
