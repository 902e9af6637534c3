"""A change of single resources, carried out where --save says: in the store, in manifests, or in both."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.cli.proposing import records_if_any
from reconciler.cli.save_key import public_key_to_save
from reconciler.cli.save_options import STORE, Saving
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked
from reconciler.cli.writing import carry_out
from reconciler.cli.written_output import Words
from reconciler.control.imperative.changes import Rewrites
from reconciler.late import late

if TYPE_CHECKING:
    from reconciler.cli import exporting, saved_output
    from reconciler.control.imperative import saver as savers
else:
    exporting = late("reconciler.cli.exporting")
    saved_output = late("reconciler.cli.saved_output")
    savers = late("reconciler.control.imperative.saver")


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done, by which verb, and in which words it is told: as in written_output.Words."""

    verb: str
    done: str = "changed"
    same: str = "unchanged"
    fields: bool = False
    changed: str | None = None
    sealing: bool = False
    """Whether what is written may hold a secret in plain text."""
    ignore_missing: bool = False


def change(session: Session, deed: Deed, rewrites: Rewrites, asked: Asked, saving: Saving = STORE) -> None:
    """As writing.carry_out, where `saving` says.

    Files are planned first, and written last: where the store refuses the change, they stay as they are.
    """
    saver: savers.Saver | None = None
    if saving.folder is not None:
        saver = savers.Saver(
            rewrites, lambda: public_key_to_save(session, saving), ignore_missing=deed.ignore_missing
        )
        rewrites = saver.rewrites
        _plan(session, saving.folder, saver)
    if saving.stores:
        carry_out(
            session,
            deed.verb,
            rewrites,
            asked,
            Words(deed.done, deed.same, deed.fields, deed.changed),
            sealing=deed.sealing,
            ignore_missing=deed.ignore_missing,
        )
    if saver is not None:
        if not asked.dry_run:
            saver.write()
        saved_output.print_saved(saver.planned, asked, saving)


def _plan(session: Session, folder: str, saver: "savers.Saver") -> None:
    with records_if_any(session) as reader:
        state = reader.state() if reader is not None else {}
        manifests = exporting.manifests_in(session, folder, reader, state, None)
        saver.plan(manifests, {key: item for key, item in state.items() if not item.resource.terminating})
