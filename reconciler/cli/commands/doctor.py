"""routerctl doctor"""

from collections.abc import Iterator, Sequence

import click

from reconciler.api.upkeep import Finding
from reconciler.cli.options import program_options, reach_options
from reconciler.cli.output import DATA_FORMATS, Palette, counted, output_option, print_data
from reconciler.cli.session import Session
from reconciler.cli.upkeep import reach_of, upkeep_of
from reconciler.control.manifest.printable import printable
from reconciler.errors import StoreError

_COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}


@click.command(epilog="Example: routerctl doctor --online")
@click.option(
    "--online", is_flag=True, help="Ask providers as well, each at its own host and with its own key."
)
@reach_options
@program_options
@output_option("text", DATA_FORMATS)
@click.pass_obj
def command(
    session: Session,
    allow_env: tuple[str, ...],
    allow_file: tuple[str, ...],
    allow_exec: tuple[str, ...],
    allow_dir: tuple[str, ...],
    output: str,
    *,
    online: bool,
) -> int:
    """Look for what is wrong, and say why it matters and what to do.

    Store, record, key, secrets, egress, base URLs, clock, workers, listeners, permissions, disk. What a gateway would
    refuse is found by building each Provider here, with this environment: give the flags that the gateway has. Nothing
    is changed, and without --online nothing is sent. Exit code 0: nothing is wrong, but for warnings; 5: something is.

    With --server all of it is looked at where that runs, with its own environment and flags: nothing of this machine is.
    """
    reach = reach_of(session, allow_env, allow_file, allow_exec, allow_dir)
    found = upkeep_of(session, reach).examine(online=online)
    errors = sum(each.level == "error" for each in found)
    if output == "text":
        palette = Palette(session.environ)
        click.echo("\n".join(line for each in found for line in _lines(each, palette)))
        click.echo(_summary(found, errors))
    else:
        print_data(
            {
                "findings": [
                    {
                        "check": each.check,
                        "level": each.level,
                        "message": each.message,
                        "why": each.why,
                        "todo": each.todo,
                    }
                    for each in found
                ],
                "errors": errors,
                "warnings": sum(each.level == "warning" for each in found),
            },
            output,
        )
    return StoreError.exit_code if errors else 0


def _lines(found: Finding, palette: Palette) -> Iterator[str]:
    level = palette.paint(f"{found.level:<8}", _COLOURS[found.level])
    yield f"{level} {found.check:<12} {printable(found.message)}"
    if found.why:
        yield f"{'':<22}why: {printable(found.why)}"
    if found.todo:
        yield f"{'':<22}do:  {printable(found.todo)}"


def _summary(found: Sequence[Finding], errors: int) -> str:
    warnings = sum(each.level == "warning" for each in found)
    if not errors and not warnings:
        return "Nothing is wrong."
    return f"{counted(errors, 'error')}, {counted(warnings, 'warning')}."
