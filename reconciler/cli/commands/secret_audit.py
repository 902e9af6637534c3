"""routerctl secret audit"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from reconciler.bootstrap.ciphers import load_cipher
from reconciler.bootstrap.reading import open_reader
from reconciler.cli.options import reach_options
from reconciler.cli.output import DATA_FORMATS, counted, output_option, print_data
from reconciler.cli.progress import Progress, progress
from reconciler.cli.session import Session
from reconciler.control.known_secrets import Known, known_secrets, with_keys
from reconciler.control.manifest.printable import printable
from reconciler.control.secret_search import Find, Looked, files_below, look
from reconciler.secrets.keys import load_keyring
from reconciler.secrets.resolver import Resolver
from reconciler.settings import KEY_FILE, Reach, key_file_beside, state_folder

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
    """
    known = _known(session, Reach.of(session.state_folder, allow_env, allow_file))
    with progress("Searching files", pulsing=True) as shown:
        files = [*files_below((*_own(session), *paths), _where_they_belong(session, known))]
        looked = look(known.values, _counted(files, shown))
    if output == "text":
        _tell(known, looked)
    else:
        print_data(
            {
                "secrets": len(known.values) - len(looked.too_short),
                "tooShort": [*looked.too_short],
                "unknown": [*known.unknown],
                "gone": known.gone,
                "unread": [*looked.unread],
                "found": [
                    {
                        "file": str(each.file),
                        "secret": each.secret,
                        "form": each.form,
                        "at": each.at,
                        "places": each.places,
                        "packed": each.packed,
                    }
                    for each in looked.found
                ],
            },
            output,
        )
    return _FOUND if looked.found else 0


def _counted(files: Sequence[Path], shown: Progress) -> Iterator[Path]:
    for done, file in enumerate(files):
        shown.count(done, len(files))
        yield file


def _known(session: Session, reach: Reach) -> Known:
    """Raises SecretError for a key that is not the store's: then nothing that is sealed could be looked for."""
    with open_reader(session.location) as reader:
        cipher = load_cipher(session.location, session.environ, reader)
        resolver = Resolver(reach, session.environ, reader, cipher, lambda _: None)
        known = known_secrets(reader, cipher, resolver)
    ring = load_keyring(session.environ, key_file_beside(session.location.config_path))
    keys = ring.keys if ring is not None else ()
    return with_keys(known, {f"the encryption key {key.id}": key.text() for key in keys})


def _where_they_belong(session: Session, known: Known) -> set[Path]:
    given = session.environ.get(KEY_FILE)
    return {*known.files, key_file_beside(session.location.config_path), *([Path(given)] if given else [])}


def _own(session: Session) -> Iterator[Path]:
    """What is kept beside the store bears its name; reports of bugs have a folder of their own."""
    store = session.location.config_path
    yield from sorted(path for path in store.parent.iterdir() if path.name.lstrip(".").startswith(store.stem))
    reports = state_folder(session.environ) / "reports"
    if reports.is_dir():
        yield reports


def _tell(known: Known, looked: Looked) -> None:
    for line in _lines(looked.found):
        click.echo(printable(line))
    for what, names in (
        ("too short to be looked for", looked.too_short),
        ("could not be had", known.unknown),
        ("could not be read", looked.unread),
    ):
        for name in names:
            click.echo(f"{what}: {printable(name)}", err=True)
    if known.gone:
        words = counted(known.gone, "secret")
        click.echo(
            f"{words} of earlier revisions can't be had any more, and so can't be looked for.", err=True
        )
    counts = counted(len(known.values) - len(looked.too_short), "secret")
    if not looked.found:
        click.echo(f"{counts} looked for; none found.")
        return
    files = counted(len({each.file for each in looked.found}), "file")
    click.echo(
        f"{counts} looked for; found in {files}. Rotate what others may have seen, then remove it there.",
        err=True,
    )


def _lines(found: list[Find]) -> Iterator[str]:
    for each in found:
        places = f", {each.places} places" if each.places > 1 else ""
        packed = ", unpacked" if each.packed else ""
        yield f"{each.file}: byte {each.at}{packed}: {each.secret} ({each.form}{places})"
