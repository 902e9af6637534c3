"""routerctl export"""

import click

from reconciler.bootstrap.reading import open_reader
from reconciler.cli.session import Session
from reconciler.control.manifest.writer import export


@click.command(epilog="Example: routerctl export > routing.yaml")
@click.option(
    "--revision", type=click.IntRange(min=0), help="The state of this revision, not the current one."
)
@click.pass_obj
def command(session: Session, revision: int | None) -> None:
    """Print manifests that apply to no change: what people declared, without defaults.

    A secret is written as a reference or as {sealed: v-...}, which this store alone can open.
    """
    with open_reader(session.location) as reader:
        state = reader.state() if revision is None else reader.state_at(revision)
    kept = [item for key, item in state.items() if session.namespace in (None, key.namespace)]
    click.echo(export(kept), nl=False)
