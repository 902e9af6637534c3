"""A value that a command is given: on stdin or in a file, and never among the arguments, which others can see."""

import sys
from pathlib import Path

import click

from reconciler.errors import InvalidInput
from reconciler.secrets.files import NotRegularError, read_regular
from reconciler.secrets.sealing import LARGEST_VALUE
from reconciler.secrets.value import SecretValue


class ValueCommand(click.Command):
    """Of a value among its arguments it says where to give it, and repeats nothing."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True
        rest = super().parse_args(ctx, args)
        if rest:
            raise click.UsageError(
                "a value is no argument: others on this machine can read it, and the shell remembers it; give it on stdin, "
                "or in a file with --from-file",
                ctx,
            )
        return rest


from_file_option = click.option(
    "--from-file",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where the value is. [default: stdin]",
)


def read_value(file: Path | None) -> SecretValue:
    """From the file, else from stdin, without one line end behind it; a person is asked, and sees no echo.

    Raises InvalidInput, which repeats nothing of what was read.
    """
    content = read_small(file) if file is not None else _read_stdin()
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise InvalidInput("the value is not UTF-8 text", hint="encode it first, as base64 for one") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text or len(content) > LARGEST_VALUE:
        raise InvalidInput(
            "the value is empty" if not text else f"the value is larger than {LARGEST_VALUE // 1024} KiB",
            hint="give it on stdin, or in a file with --from-file",
        )
    return SecretValue(text)


def read_small(file: Path) -> bytes:
    """A byte over the largest value at most. Raises InvalidInput."""
    try:
        return read_regular(file, limit=LARGEST_VALUE, follow=True)[1]
    except NotRegularError:
        raise InvalidInput(f"{file} is no regular file", hint="pipe what it says into the command") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise InvalidInput(f"{file} can't be read: {(reason or 'not a usable path').lower()}") from None


def _read_stdin() -> bytes:
    if sys.stdin.isatty():
        return str(click.prompt("Value", hide_input=True, err=True)).encode("utf-8", "surrogateescape")
    return sys.stdin.buffer.read(LARGEST_VALUE + 1)
