"""routerctl export"""

import click

from reconciler.api.records import Records
from reconciler.cli.export_output import TEXT, note_left_out, print_folder, warn_of_literals
from reconciler.cli.exporting import (
    Resources,
    Selects,
    keys_named,
    made_by_overlays,
    manifests_in,
    require_named,
    selection,
)
from reconciler.cli.output import DATA_FORMATS, output_option
from reconciler.cli.reading import records_of
from reconciler.cli.revealing import cipher_here, revealed
from reconciler.cli.session import Session
from reconciler.control.manifest.round_trip.folder import plan_folder
from reconciler.control.manifest.round_trip.literals import Literals
from reconciler.control.manifest.round_trip.write import write_folder
from reconciler.control.manifest.writer import export


@click.command(epilog="Example: routerctl export --dir manifests/ --dry-run")
@click.argument("what", nargs=-1, metavar="[KIND [NAME...] | KIND/NAME...]")
@click.option(
    "--dir",
    "folder",
    metavar="DIR",
    help="Update the manifests below DIR in place, instead of printing: only what differs is written.",
)
@click.option("--prune", is_flag=True, help="With --dir: remove documents that the store does not have.")
@click.option("--dry-run", is_flag=True, help="With --dir: show the changes as a unified diff.")
@click.option("--source", metavar="NAME", help="Only what this source declares.")
@click.option(
    "-A", "--all-namespaces", "everywhere", is_flag=True, help="In all namespaces: so without -n, too."
)
@click.option(
    "--revision", type=click.IntRange(min=0), help="The state of this revision, not the current one."
)
@click.option(
    "--show-secrets",
    is_flag=True,
    help="Print sealed values in plain text, after a question. Needs the encryption key.",
)
@click.option("--yes", is_flag=True, help="With --show-secrets: don't ask.")
@output_option(TEXT, DATA_FORMATS, only="With --dir: ")
@click.pass_obj
def command(
    session: Session,
    what: tuple[str, ...],
    folder: str | None,
    source: str | None,
    revision: int | None,
    output: str,
    *,
    prune: bool,
    dry_run: bool,
    everywhere: bool,
    show_secrets: bool,
    yes: bool,
) -> None:
    """Print manifests that apply to no change: what people declared, without defaults. Or update those of a folder.

    All namespaces, so that export and apply is no change; -n takes one. A secret is written as a reference, as the sealed
    text that a manifest held, or as {sealed: v-...}, which this store alone can open.

    With --dir, comments, order and quotes of existing files stay, and a file that agrees with the store is not touched.
    What has no file yet gets one: KIND/NAME.yaml, or the one that it was applied from. What is being deleted is left out.
    """
    if folder is None and (prune or dry_run or output != TEXT):
        raise click.UsageError("--prune, --dry-run and -o go with --dir")
    if (folder is not None and show_secrets) or (yes and not show_secrets):
        raise click.UsageError("--show-secrets prints: it goes without --dir, and --yes goes with it")
    if show_secrets and session.is_remote:
        raise click.UsageError(
            "--show-secrets opens what the store's key sealed: it works where the store is, with --db"
        )
    namespace = None if everywhere else session.namespace
    with records_of(session) as reader:
        whole = reader.state() if revision is None else reader.state_at(revision)
        state: Resources = whole.lasting()
        named = keys_named(what, namespace)
        note_left_out(stored for key, stored in whole.items() if key in named)
        selects = selection(what, state, namespace=namespace, source=source)
        if folder is not None:
            _update(
                session, reader, state, selects, (folder, what, source), output, prune=prune, dry_run=dry_run
            )
            return
        require_named(what, namespace, [whole])
        if show_secrets:
            chosen = {key: item for key, item in state.items() if selects(key)}
            state = revealed(session, chosen, yes=yes)
    click.echo(export(item for key, item in state.items() if selects(key)), nl=False)


def _update(
    session: Session,
    reader: Records,
    state: Resources,
    selects: Selects,
    given: tuple[str, tuple[str, ...], str | None],
    output: str,
    *,
    prune: bool,
    dry_run: bool,
) -> None:
    folder, what, source = given
    manifests = manifests_in(session, folder, reader, state, source)
    require_named(what, session.namespace, [state, frozenset(item.key for item in manifests.declared)])
    literals = Literals(reader.vault_entry, cipher_here(session))
    overlaid = made_by_overlays(state, selects, manifests.source)
    plan = plan_folder(
        manifests, state, lambda key: key not in overlaid and selects(key), literals, prune=prune
    )
    warn_of_literals(literals.unknown)
    if not dry_run:
        write_folder(plan)
    print_folder(plan, overlaid, output, dry_run=dry_run, every=session.verbose > 0)
