"""routerctl migrate"""

from pathlib import Path

import click
from click.core import ParameterSource

from reconciler.cli.confirming import confirm
from reconciler.cli.import_comparing import verify_findings
from reconciler.cli.import_options import form_option, oxide_key_option, seal_option
from reconciler.cli.migrate_asking import Aim, pairs, somebody_answers
from reconciler.cli.migrate_looking import findings_of, look
from reconciler.cli.migrate_rollback import question, take_back, to_take_back
from reconciler.cli.migrating import Asked, migrate
from reconciler.cli.options import message_option
from reconciler.cli.output import DATA_FORMATS, TEXT, output_option, print_data
from reconciler.cli.session import Session
from reconciler.control.importing.reading import Reading
from reconciler.resources.resource import DEFAULT_NAMESPACE

_DIFFERENT = 1
_LATEST = "latest"


@click.command(epilog="Example: routerctl migrate old-router/ --dry-run")
@click.argument("paths", nargs=-1, metavar="[PATH...]", type=click.Path(path_type=Path))
@form_option
@click.option(
    "--out",
    "folder",
    metavar="DIR",
    default="manifests",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Write manifests into this folder.",
)
@click.option("--apply", "applies", is_flag=True, help="Apply it to the store instead, as one revision.")
@click.option(
    "--rename", "names", metavar="OLD=NEW", multiple=True, help="Call a provider so. May be given again."
)
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option(
    "--force", is_flag=True, help="Also over files and fields that are somebody else's; the backup has them."
)
@click.option("-y", "--yes", is_flag=True, help="Ask nothing.")
@click.option(
    "--verify", is_flag=True, help="Compare the sources with DIR, or with --apply the store, and do nothing."
)
@seal_option
@oxide_key_option
@click.option(
    "--rollback",
    "backup",
    metavar="[BACKUP]",
    is_flag=False,
    flag_value=_LATEST,
    help="Take a migration back: the last one, that of a backup of manifests, or to a copy of a store.",
)
@message_option
@output_option(TEXT, DATA_FORMATS)
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[Path, ...],
    form: str,
    folder: Path,
    names: tuple[str, ...],
    *,
    key_file: Path | None,
    backup: str | None,
    message: str,
    output: str,
    applies: bool,
    dry_run: bool,
    force: bool,
    yes: bool,
    verify: bool,
    seal: bool,
) -> None:
    """Move here from another router: the provider-router, Oxide, LiteLLM and others, found in PATH (else in this folder).

    Shows what is there, backs up what it writes over, writes manifests or (--apply) the store, compares the result with the
    sources, and says what is not carried over, which keys to exchange, and what to do next. The sources are only read, and
    the same again changes nothing. On a terminal it asks.
    """
    session: Session = context.obj
    if backup is not None:
        _check_rollback(context, None if backup == _LATEST else Path(backup))
        _take_back(session, None if backup == _LATEST else Path(backup), output, yes=yes)
        return
    aimed = applies or context.get_parameter_source("folder") is ParameterSource.COMMANDLINE
    _check(context, applies=applies, seal=seal, verify=verify, dry_run=dry_run)
    namespace = session.namespace or DEFAULT_NAMESPACE
    looked = look(session, Reading(session.environ, namespace, form, key_file), paths)
    chosen = pairs(names)
    if verify:
        findings = findings_of(looked.found, namespace, chosen)
        if not verify_findings(session, findings, None if applies else folder, output):
            context.exit(_DIFFERENT)
        return
    asks = output == TEXT and not yes and not aimed and not dry_run and somebody_answers()
    asked = Asked(
        Aim(applies or (asks and session.is_remote), folder),
        chosen,
        message,
        force=force,
        seal=seal,
        dry_run=dry_run,
        asks=asks,
        shows=output == TEXT,
    )
    data, same = migrate(session, looked, namespace, asked)
    if output != TEXT:
        print_data(data, output)
    if not same:
        context.exit(_DIFFERENT)


def _take_back(session: Session, given: Path | None, output: str, *, yes: bool) -> None:
    before = to_take_back(session, given)
    if not yes:
        confirm(question(session, before), yes=yes)
    data, lines = take_back(session, before)
    if output == TEXT:
        click.echo("\n".join(lines or ["Nothing to take back: all is as it was."]))
    else:
        print_data(data, output)


def _check_rollback(context: click.Context, backup: Path | None) -> None:
    """A server is taken back by its own history, manifests by the backup that is named."""
    if not context.obj.is_remote:
        return
    if context.get_parameter_source("folder") is ParameterSource.COMMANDLINE:
        raise click.UsageError(
            "--rollback takes the server's last import back: no --out; manifests are put back by --rollback BACKUP"
        )
    if backup is not None and backup.is_file():
        raise click.UsageError(
            "a copy takes the place of a store where that is, with --db; a server is taken back by its history: --rollback alone"
        )


def _check(context: click.Context, *, applies: bool, seal: bool, verify: bool, dry_run: bool) -> None:
    given = context.get_parameter_source("folder") is ParameterSource.COMMANDLINE
    if applies and (given or seal):
        raise click.UsageError(
            "--apply writes into the store alone, and its secrets to the vault: no --out, no --seal"
        )
    if verify and (dry_run or seal):
        raise click.UsageError("--verify compares, and does nothing: no --dry-run, no --seal")
