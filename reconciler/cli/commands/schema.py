"""routerctl schema"""

from pathlib import Path

import click

from reconciler.control.kustomize.configuration import FILE_NAME as KUSTOMIZE
from reconciler.control.kustomize.configuration import built_in_text
from reconciler.control.manifest.schema import schemas
from reconciler.control.plan.artefact_form import FILE_NAME as PLAN_SCHEMA
from reconciler.control.plan.artefact_form import schema as plan_schema
from reconciler.errors import NotFound
from reconciler.resources.kinds import KINDS, find_kind


@click.command(epilog="Example: routerctl schema provider")
@click.argument("kind", required=False)
@click.option(
    "--dir",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write one file a kind, routerctl.json for any document, plan.json for plans, and what kubectl kustomize must "
    "know of the kinds, into this folder.",
)
def command(kind: str | None, folder: Path | None) -> None:
    """Print the JSON Schema of a kind, or of any document.

    In an editor: # yaml-language-server: $schema=schemas/routerctl.json
    """
    files = {**schemas(), PLAN_SCHEMA: plan_schema()}
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in {**files, KUSTOMIZE: built_in_text()}.items():
            (folder / name).write_text(text, encoding="utf-8")
        click.echo(f"{len(files)} schemas written to {folder}")
        return
    name = "routerctl.json"
    if kind is not None:
        found = find_kind(kind)
        if found is None:
            raise NotFound(f'there is no kind "{kind}"', hint=f"one of {', '.join(KINDS)}")
        name = f"{found.name.lower()}.json"
    click.echo(files[name], nl=False)
