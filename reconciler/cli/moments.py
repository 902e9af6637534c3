"""A moment on the command line: how long ago (90d, 2h30m), or a date or time (2026-11-01, 2026-11-01T12:00:00Z)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import click

from reconciler.clock import Clock, timestamp

_AGO = re.compile(
    r"(?:(?P<weeks>[0-9]{1,4})w)?(?:(?P<days>[0-9]{1,5})d)?(?:(?P<hours>[0-9]{1,5})h)?"
    r"(?:(?P<minutes>[0-9]{1,5})m)?(?:(?P<seconds>[0-9]{1,9})s)?"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """One of both."""

    at: datetime | None = None
    ago: timedelta = timedelta()

    def timestamp(self, clock: Clock) -> str:
        """As revisions bear it, to the second, in UTC."""
        return timestamp(self.moment(clock))

    def moment(self, clock: Clock) -> datetime:
        return self.at if self.at is not None else clock.now() - self.ago


class MomentWord(click.ParamType[Moment, "str | Moment"]):
    name = "moment"

    def convert(
        self, value: str | Moment, param: click.Parameter | None, ctx: click.Context | None
    ) -> Moment:
        if isinstance(value, Moment):
            return value
        moment = read(value)
        if moment is None:
            self.fail(
                f'"{value}" is no moment; write how long ago (90d, 2h30m), a date (2026-11-01) or a time'
                " (2026-11-01T12:00:00Z)",
                param,
                ctx,
            )
        return moment


def read(text: str) -> Moment | None:
    """None for what is no moment."""
    ago = _AGO.fullmatch(text)
    if text and ago is not None:
        parts = {unit: int(count) for unit, count in ago.groupdict().items() if count}
        return Moment(ago=timedelta(**parts))
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return Moment(at if at.tzinfo is not None else at.replace(tzinfo=UTC))
