"""routerctl patch"""

from pathlib import Path

import click

from reconciler.cli.save_options import Saving, save_options
from reconciler.cli.saving import Deed, change
from reconciler.cli.selecting import keys_of
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked, write_options
from reconciler.control.imperative.rewriting import Rewrite
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.manifest.reader import read_text
from reconciler.control.patch.json_patch import json_patch
from reconciler.control.patch.merge_patch import merge_patch
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonValue

_TYPES = ("merge", "json", "strategic")


@click.command(
    epilog='Example: routerctl patch provider/openai -p \'{"spec": {"enabled": false}}\' -m "it answers nonsense"'
)
@click.argument("what", nargs=-1, required=True, metavar="KIND/NAME...")
@click.option("-p", "--patch", "text", metavar="JSON", help="The patch, as JSON or YAML.")
@click.option(
    "--patch-file", "file", metavar="FILE", type=click.Path(path_type=Path), help="The patch, in a file."
)
@click.option(
    "--type",
    "kind",
    type=click.Choice(_TYPES),
    default="merge",
    show_default=True,
    help="merge: JSON Merge Patch (RFC 7386), null removes a field; json: JSON Patch (RFC 6902), a list of operations.",
)
@save_options
@write_options
@click.pass_obj
def command(
    session: Session,
    what: tuple[str, ...],
    text: str | None,
    file: Path | None,
    kind: str,
    asked: Asked,
    saving: Saving,
) -> None:
    """Change fields of a stored resource, as one revision.

    What is changed belongs to who changes it: the next apply of a source that declares another value finds a conflict.
    """
    if kind == "strategic":
        raise click.UsageError(
            "these kinds have no strategic merge patch: use --type merge, which replaces lists as a whole, or --type json"
        )
    if (text is None) == (file is None):
        raise click.UsageError("give the patch with -p, or with --patch-file")
    rewrite = _rewrite(kind, _read(text, file))
    keys = keys_of(what, session.namespace)
    deed = Deed("patch", "patched", "patched (no change)", sealing=True)
    change(session, deed, dict.fromkeys(keys, rewrite), asked, saving)


def _read(text: str | None, file: Path | None) -> JsonValue:
    """Raises InvalidManifests with the place of what can't be read: it is read as a manifest is."""
    name = str(file) if file is not None else "-p"
    try:
        content = file.read_bytes() if file is not None else (text or "").encode("utf-8", "surrogateescape")
    except OSError as error:
        raise InvalidInput(f"{name} can't be read: {error.strerror}") from None
    reading = read_text(content, name, lists=True)
    if reading.problems:
        raise InvalidManifests(reading.problems)
    if len(reading.documents) != 1:
        raise InvalidInput(f"{name} holds {len(reading.documents)} documents", hint="a patch is one")
    document = reading.documents[0]
    return document.items if document.items is not None else document.data


def _rewrite(kind: str, patch: JsonValue) -> Rewrite:
    if kind == "json":
        return lambda target: json_patch(target, patch)
    if not isinstance(patch, dict):
        raise InvalidInput("a merge patch is an object", hint="for a list of operations say --type json")
    return lambda target: merge_patch(target, patch)
