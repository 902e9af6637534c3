"""When something ends, on the command line: in how long (90d, 12h), or a date or time (2027-01-31, 2027-01-31T12:00:00Z)."""

from dataclasses import dataclass
from datetime import datetime

import click

from reconciler.cli.moments import Moment, read
from reconciler.clock import Clock, timestamp


@dataclass(frozen=True, slots=True)
class Expiry:
    """As it was written."""

    moment: Moment

    def at(self, clock: Clock, option: str = "--expires", *, at_once: bool = False) -> datetime:
        """Raises UsageError for what has passed; `at_once`: but for "0s"."""
        now = clock.now()
        end = self.moment.at if self.moment.at is not None else now + self.moment.ago
        if end < now or (end == now and not at_once):
            raise click.UsageError(f"{option}: that moment has passed")
        return end

    def timestamp(self, clock: Clock, option: str = "--expires", *, at_once: bool = False) -> str:
        return timestamp(self.at(clock, option, at_once=at_once))


class ExpiryWord(click.ParamType[Expiry, "str | Expiry"]):
    name = "expiry"

    def convert(
        self, value: str | Expiry, param: click.Parameter | None, ctx: click.Context | None
    ) -> Expiry:
        if isinstance(value, Expiry):
            return value
        moment = read(value)
        if moment is None:
            self.fail(
                f'"{value}" is no end; write in how long (90d, 12h), a date (2027-01-31) or a time'
                " (2027-01-31T12:00:00Z)",
                param,
                ctx,
            )
        return Expiry(moment)
