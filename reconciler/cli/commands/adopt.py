"""routerctl adopt"""

import click

from reconciler.api.writes import Adoption
from reconciler.cli.adopted_output import print_adopted
from reconciler.cli.options import filename_option, source_option
from reconciler.cli.output import DATA_FORMATS, TEXT, output_option
from reconciler.cli.proposing import read_wanted
from reconciler.cli.selecting import keys_of
from reconciler.cli.session import Session
from reconciler.cli.writes import writes_of


@click.command(epilog="Example: routerctl adopt provider/openai model/gpt-4o -f manifests/")
@click.argument("what", nargs=-1, required=True, metavar="KIND/NAME... | KIND NAME...")
@filename_option(required=False)
@source_option
@click.option("--force", is_flag=True, help="Also from a source that is kept up, and may take it back.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@output_option(TEXT, DATA_FORMATS)
@click.pass_obj
def command(
    session: Session,
    what: tuple[str, ...],
    paths: tuple[str, ...],
    source: str | None,
    output: str,
    *,
    force: bool,
    dry_run: bool,
) -> None:
    """Bring resources under a source, which declares and prunes them from then on: that of -f, or --source.

    What another source, people and programs declared of them moves to it. No value changes, so no revision is made; what
    the next apply of the files would change is shown.
    """
    if not paths and source is None:
        raise click.UsageError("say which source adopts: -f with its manifests, or --source NAME")
    keys = keys_of(what, session.namespace)
    wanted = read_wanted(session, paths, source) if paths else None
    done = writes_of(session).adopt(Adoption(keys, wanted, source, force, dry_run))
    print_adopted(done, output, session.environ, dry_run=dry_run)
