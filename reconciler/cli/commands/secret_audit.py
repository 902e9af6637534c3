"""routerctl secret audit"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from reconciler.api.upkeep import Searched
from reconciler.cli.options import reach_options
from reconciler.cli.output import DATA_FORMATS, counted, output_option, print_data
from reconciler.cli.progress import progress
from reconciler.cli.session import Session
from reconciler.cli.upkeep import reach_of, upkeep_of
from reconciler.control.manifest.printable import printable
from reconciler.control.secret_search import Find

_FOUND = 1


@click.command(epilog="Example: routerctl secret audit /var/log/routerctl exports/")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@reach_options
@output_option("text", DATA_FORMATS)
@click.pass_obj
def command(
    session: Session,
    paths: tuple[Path, ...],
    allow_env: tuple[str, ...],
    allow_file: tuple[str, ...],
    output: str,
) -> int:
    """Search files for every secret that the store knows, plain and encoded; prints places, never values.

    Always the store: the database, its write-ahead log and records, the copies beside it that bear its name, reports of
    bugs. And each PATH: logs, exports, backups, manifests, a checkout. What is looked for: all that was ever sealed, what variables and files give that are
    referred to, and the encryption keys; as it is, its first and last 12 characters, base64, hexadecimal, percent-encoded
    and escaped. Key files, and files that secrets are read from, are where they belong. Exit code 1: something was found.

    With --server it is the server's store and reports that are searched, where they are.
    """
    if session.is_remote and paths:
        raise click.UsageError(
            "PATH is looked into where the command runs: with --server leave it out, or run this where the store is"
        )
    upkeep = upkeep_of(session, reach_of(session, allow_env, allow_file), paths)
    with progress("Searching files", pulsing=True) as shown:
        done = upkeep.search_secrets(shown.count)
    if output == "text":
        _tell(done)
    else:
        print_data(
            {
                "secrets": done.secrets,
                "tooShort": [*done.too_short],
                "unknown": [*done.unknown],
                "gone": done.gone,
                "unread": [*done.unread],
                "found": [
                    {
                        "file": str(each.file),
                        "secret": each.secret,
                        "form": each.form,
                        "at": each.at,
                        "places": each.places,
                        "packed": each.packed,
                    }
                    for each in done.found
                ],
            },
            output,
        )
    return _FOUND if done.found else 0


def _tell(done: Searched) -> None:
    for line in _lines(done.found):
        click.echo(printable(line))
    for what, names in (
        ("too short to be looked for", done.too_short),
        ("could not be had", done.unknown),
        ("could not be read", done.unread),
    ):
        for name in names:
            click.echo(f"{what}: {printable(name)}", err=True)
    if done.gone:
        words = counted(done.gone, "secret")
        click.echo(
            f"{words} of earlier revisions can't be had any more, and so can't be looked for.", err=True
        )
    counts = counted(done.secrets, "secret")
    if not done.found:
        click.echo(f"{counts} looked for; none found.")
        return
    files = counted(len({each.file for each in done.found}), "file")
    click.echo(
        f"{counts} looked for; found in {files}. Rotate what others may have seen, then remove it there.",
        err=True,
    )


def _lines(found: Sequence[Find]) -> Iterator[str]:
    for each in found:
        places = f", {each.places} places" if each.places > 1 else ""
        packed = ", unpacked" if each.packed else ""
        yield f"{each.file}: byte {each.at}{packed}: {each.secret} ({each.form}{places})"
