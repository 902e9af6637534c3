"""What `secret seal -f` and `secret reseal` have in common: manifests read, their secrets renewed, files written."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from reconciler.cli.output import counted
from reconciler.cli.session import Session
from reconciler.control.manifest.document import InvalidManifests, Problem
from reconciler.control.manifest.files import STDIN_NAME, is_stream, read
from reconciler.control.manifest.printable import printable
from reconciler.control.manifest.round_trip.folder import FileChange, FolderPlan
from reconciler.control.manifest.round_trip.secrets import Renew, renewed_text
from reconciler.control.manifest.round_trip.write import write_folder
from reconciler.errors import InvalidInput
from reconciler.resources.resource import DEFAULT_NAMESPACE

_ROOT = Path("/")


def renew_files(session: Session, paths: Sequence[str], renew: Renew, done: str) -> None:
    """Changes the files below `paths` in place, all of them or, where one has an error, none; stdin goes to stdout.

    `done`: what happened to a field, in a word. Raises InvalidManifests and what `write_folder` does.
    """
    changes: list[FileChange] = []
    problems: list[Problem] = []
    lines: list[str] = []
    streamed: str | None = None
    for source in read(paths, sys.stdin.buffer):
        if isinstance(source, Problem):
            problems.append(source)
            continue
        try:
            text = source.content.decode()
        except UnicodeDecodeError:
            raise InvalidInput(f"{source.name} is not UTF-8 text") from None
        try:
            made = renewed_text(
                text, renew, file=source.name, namespace=session.namespace or DEFAULT_NAMESPACE
            )
        except InvalidManifests as error:
            problems += error.problems
            continue
        lines += [f"{done:<9} {key} {name}  ({printable(source.name)})" for key, name in made.fields]
        if is_stream(source.name) or (source.name == STDIN_NAME and STDIN_NAME not in paths):
            streamed = made.text
        elif made.text != text:
            real = Path(os.path.realpath(source.name)).relative_to(_ROOT)
            changes.append(FileChange(str(real), source.content, made.text.encode()))
    if problems:
        raise InvalidManifests(problems)
    write_folder(FolderPlan(_ROOT, tuple(changes), (), ()))
    if streamed is not None:
        click.echo(streamed, nl=False)
    for line in [*lines, f"{counted(len(lines), 'value')} {done}."]:
        click.echo(line, err=streamed is not None)
