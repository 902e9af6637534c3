"""import --verify: the sources, and what became of them."""

from contextlib import nullcontext
from pathlib import Path

import click

from reconciler.bootstrap.ciphers import load_cipher
from reconciler.bootstrap.reading import open_reader_if_any
from reconciler.cli.import_output import compared_json, compared_lines, differs
from reconciler.cli.import_verdicts import compared_by_server
from reconciler.cli.output import TEXT, print_data
from reconciler.cli.session import Session
from reconciler.control.importing.comparing import Compared, compare
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.secret_values import Opening
from reconciler.control.intake import take_in
from reconciler.control.manifest.document import InvalidManifests
from reconciler.errors import NotFound


def verify_findings(session: Session, findings: Findings, folder: Path | None, output: str) -> bool:
    """Prints what `compare_with` gives; whether all of it is the same, as far as can be told."""
    compared = compare_with(session, findings, folder)
    if output == TEXT:
        click.echo("\n".join(compared_lines(compared)))
    else:
        print_data(compared_json(compared), output)
    return not differs(compared)


def compare_with(session: Session, findings: Findings, folder: Path | None) -> list[Compared]:
    """Source and result: the manifests of the folder, or (None) what the store holds. Raises NotFound without either."""
    if session.is_remote:
        return (
            compared_by_server(session, findings)
            if folder is None
            else _compared(findings, folder, Opening(session.environ, None, None))
        )
    with open_reader_if_any(session.location) or nullcontext() as reader:
        cipher = load_cipher(session.location, session.environ, reader)
        opening = Opening(session.environ, cipher, reader)
        if folder is not None:
            return _compared(findings, folder, opening)
        if reader is None:
            raise NotFound("there is no store to compare with", hint="import with --apply first")
        held = {key: stored.resource for key, stored in reader.state().items()}
        return compare(findings, held, opening)


def _compared(findings: Findings, folder: Path, opening: Opening) -> list[Compared]:
    if not folder.is_dir():
        raise NotFound(f"there is no folder {folder} to compare with", hint="import first, or say --out DIR")
    intake = take_in([str(folder)])
    if intake.errors:
        raise InvalidManifests(intake.errors)
    return compare(findings, {each.key: each.resource for each in intake.declared}, opening)
