"""Editing a resource: open, check, open again until it can be applied or is given up."""

from collections.abc import Sequence

import click

from reconciler.cli.editor import Draft, draft
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked
from reconciler.cli.writing import carry_out
from reconciler.cli.written_output import Words
from reconciler.control.imperative.editing import ChangedInBetween, Edit, body_of, editable, page, parsed
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.manifest.emitter import to_yaml
from reconciler.errors import InvalidInput, RouterctlError
from reconciler.json_types import JsonObject
from reconciler.resources.resource import StoredResource

_WELCOME: Sequence[str] = (
    "Change the resource, then save it and leave the editor. Left as it is, nothing is done.",
    "Defaults stand here too. A secret is shown as it is sealed; write a new value in its place to replace it.",
    "",
)
_REFUSED = "It can't be applied so. Left as it is, it is given up:"
_CHANGED = "Somebody changed it meanwhile; below is how it is now, with what you changed elsewhere. Left as it is, nothing is done:"
_CANCELLED = "Edit cancelled, no changes made."
_EMPTY = "Edit cancelled, the file is empty."
_WORDS = Words("edited", "edited (no change)", fields=True)


def edit(session: Session, stored: StoredResource, asked: Asked) -> None:
    """Raises what stood against it last, where that was given up; what was written is kept then."""
    shown, comments = editable(stored), _WELCOME
    stopped: RouterctlError | None = None
    body = to_yaml([shown])
    with draft(session.environ) as file:
        while True:
            made = body_of(file.edit(page(comments, body)))
            if made == body or not made.strip():
                if stopped is not None:
                    raise stopped
                click.echo(_CANCELLED if made.strip() else _EMPTY)
                return
            try:
                wanted = _read(made, file)
                carry_out(
                    session,
                    "edit",
                    {stored.key: Edit(stored.key, shown, wanted).rewrite},
                    asked,
                    _WORDS,
                    sealing=True,
                )
            except ChangedInBetween as error:
                shown, stopped = error.live, error
                comments, body = (_CHANGED, *error.lines, ""), to_yaml([error.merged])
            except InvalidInput as error:
                comments, body, stopped = _told(error), made, error
            else:
                return


def _read(made: str, file: Draft) -> JsonObject:
    """Raises InvalidManifests with places as they are when it is opened again, with the errors on top."""
    try:
        return parsed(made, str(file.path))
    except InvalidManifests as error:
        return parsed(made, str(file.path), above=len(_told(error)))


def _told(error: RouterctlError) -> Sequence[str]:
    return (_REFUSED, *(f"  {line}" for line in str(error).splitlines()), "")
