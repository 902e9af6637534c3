"""routerctl import"""

from pathlib import Path

import click
from click.core import ParameterSource

from reconciler.cli import import_output
from reconciler.cli.export_output import folder_json
from reconciler.cli.import_applying import apply_findings
from reconciler.cli.import_comparing import verify_findings
from reconciler.cli.import_options import form_option, oxide_key_option, seal_option
from reconciler.cli.import_writing import write_out
from reconciler.cli.migrate_looking import named
from reconciler.cli.options import message_option
from reconciler.cli.output import DATA_FORMATS, TEXT, output_option, print_data
from reconciler.cli.session import Session
from reconciler.control.importing.reading import Reading
from reconciler.resources.resource import DEFAULT_NAMESPACE

_DIFFERENT = 1


@click.command(epilog="Example: routerctl import --from env .env --out manifests/")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@form_option
@click.option(
    "--out",
    "folder",
    metavar="DIR",
    default="imported",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Write manifests into this folder; over nothing that no import wrote.",
)
@click.option(
    "--apply", "applies", is_flag=True, help="Apply it to the store instead, as one revision, after a backup."
)
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option(
    "--verify", is_flag=True, help="Compare the sources with DIR, or with --apply the store, point by point."
)
@seal_option
@click.option(
    "--public-key",
    "public",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="With --seal: what to seal to, as secret public-key prints it. [default: the key at hand]",
)
@oxide_key_option
@message_option
@output_option(TEXT, DATA_FORMATS)
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[Path, ...],
    form: str,
    folder: Path,
    *,
    public: Path | None,
    key_file: Path | None,
    message: str,
    output: str,
    applies: bool,
    dry_run: bool,
    verify: bool,
    seal: bool,
) -> None:
    """Turn other systems' configuration into manifests: .env files and databases of the provider-router, Oxide's YAML
    and database, the files of LiteLLM, llama-swap, Envoy AI Gateway and TensorZero. The sources are only read.

    A report names every field that is not carried over, and every secret in plain text, which then should be exchanged.
    The same sources give the same result again. A folder stands for what is known in it, in config/ and in data/.
    """
    session: Session = context.obj
    _check(context, applies=applies, dry_run=dry_run, verify=verify, seal=seal, public=public)
    namespace = session.namespace or DEFAULT_NAMESPACE
    findings = named(Reading(session.environ, namespace, form, key_file), paths, namespace)
    if verify:
        if not verify_findings(session, findings, None if applies else folder, output):
            context.exit(_DIFFERENT)
        return
    exposed = import_output.exposure(findings)
    if applies:
        data, done = apply_findings(session, findings, message or "import", dry_run=dry_run)
    else:
        plan, kept = write_out(session, folder, findings, seal=seal, public=public, dry_run=dry_run)
        data = folder_json(plan, {}, dry_run=dry_run)
        done = import_output.written_lines(plan, kept, str(folder), dry_run=dry_run)
    if output != TEXT:
        print_data({**import_output.findings_json(findings, exposed), "result": data}, output)
        return
    report = import_output.report_lines(findings, exposed, variables=not applies and not seal)
    ending = import_output.next_lines(
        session.program, findings, None if applies else folder, dry_run=dry_run, remote=session.is_remote
    )
    click.echo("\n".join([*import_output.found_lines(findings), *report, *done, *ending]))


def _check(
    context: click.Context, *, applies: bool, dry_run: bool, verify: bool, seal: bool, public: Path | None
) -> None:
    given = context.get_parameter_source("folder") is ParameterSource.COMMANDLINE
    if applies and (given or seal):
        raise click.UsageError(
            "--apply writes into the store alone, and its secrets to the vault: no --out, no --seal"
        )
    if public is not None and not seal:
        raise click.UsageError("--public-key goes with --seal")
    if verify and (dry_run or seal):
        raise click.UsageError("--verify compares, and does nothing: no --dry-run, no --seal")
