"""How a key is to be made, as both commands that make one are told."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar, cast

import click

from reconciler.cli.expiry import Expiry, ExpiryWord
from reconciler.cli.options import message_option, wait_options
from reconciler.cli.output import DATA_FORMATS, TEXT, output_option
from reconciler.cli.write_options import Asked
from reconciler.clock import Clock

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Making:
    """`expires` is when the key ends by itself; None: with its ClientKey. `asked`: what is said goes to stderr."""

    expires: Expiry | None
    output: str
    asked: Asked

    def end(self, clock: Clock) -> str | None:
        """Raises UsageError for what has passed."""
        return None if self.expires is None else self.expires.timestamp(clock, "--key-expires")

    @property
    def as_text(self) -> bool:
        return self.output == TEXT

    @property
    def dry_run(self) -> bool:
        return self.asked.dry_run


def making_options(command: F) -> F:
    """--key-expires, --dry-run, -m, --wait, --timeout and -o, as one argument `making`."""

    @wraps(command)
    def with_making(
        *arguments: object,
        key_expires: Expiry | None,
        message: str,
        dry_run: bool,
        wait: bool,
        timeout: float,
        output: str,
        **named: object,
    ) -> object:
        asked = Asked(message, dry_run=dry_run, wait=wait, timeout=timeout, beside=True)
        return command(*arguments, making=Making(key_expires, output, asked), **named)

    wrapped: Callable[..., object] = output_option(TEXT, DATA_FORMATS)(with_making)
    wrapped = message_option(wait_options(wrapped))
    for option in (
        click.option("--dry-run", is_flag=True, help="Make no key, and say what would become of it."),
        click.option(
            "--key-expires",
            metavar="WHEN",
            type=ExpiryWord(),
            help="When this very key ends, before its ClientKey does: 90d, 2027-01-31. [default: with it]",
        ),
    ):
        wrapped = option(wrapped)
    return cast("F", wrapped)
