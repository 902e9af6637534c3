"""routerctl model sync"""

from dataclasses import replace

import click

from reconciler.cli.model_syncing import found_models, lines
from reconciler.cli.options import program_options, reach_options
from reconciler.cli.output import listing, print_data
from reconciler.cli.save_options import Saving
from reconciler.cli.saving import Deed, change
from reconciler.cli.session import Session
from reconciler.cli.write_options import TEXT, Asked, write_options
from reconciler.control.importing.manifests import text
from reconciler.control.model_sync import MANAGER, Choice, rewrites
from reconciler.control.model_sync_form import synced_data
from reconciler.errors import Unreachable


@click.command(epilog="Example: routerctl model sync ollama --match 'qwen*' --save manifests")
@click.argument("providers", nargs=-1, metavar="[PROVIDER]...")
@click.option(
    "--match",
    "globs",
    metavar="GLOB",
    multiple=True,
    help="Only models whose names, as the Provider has them, match; * stands for any text. May be given again.",
)
@click.option("--prefix", default="", metavar="TEXT", help="Stands before the names that clients ask for.")
@click.option(
    "--prune", is_flag=True, help="Delete Bindings that a sync made, for models that are gone upstream."
)
@click.option(
    "--save", metavar="DIR", help="Write what is new into the manifests below DIR, to be committed."
)
@click.option("--apply", is_flag=True, help="Make what is new in the store, as one revision.")
@reach_options
@program_options
@write_options
@click.pass_obj
def command(
    session: Session,
    providers: tuple[str, ...],
    globs: tuple[str, ...],
    prefix: str,
    asked: Asked,
    *,
    save: str | None,
    prune: bool,
    apply: bool,
    allow_env: tuple[str, ...],
    allow_file: tuple[str, ...],
    allow_exec: tuple[str, ...],
    allow_dir: tuple[str, ...],
) -> int:
    """Ask Providers which models they have, and propose Models and Bindings for those that they don't serve yet.

    Without a name all Providers that are enabled are asked, each at its own host and with its own key. Manifests are printed;
    --save writes them, --apply makes them. What is there is left as it is: a name that a Model has is bound to that
    Model, and one that can't be had is told. What a Provider does not say of a model is left out. Exit code 6: one could not
    be asked.
    """
    if prune and not (apply or save):
        raise click.UsageError("--prune goes with --apply or --save")
    reach = (allow_env, allow_file, allow_exec, allow_dir)
    found = found_models(session, providers, Choice(globs, prefix), reach)
    for each in found:
        for line in lines(each, prune=prune):
            click.echo(line, err=True)
    made = rewrites(found, prune=prune)
    if (apply or save) and made:
        named = replace(asked, manager=asked.manager or MANAGER)
        change(session, Deed("model sync", "pruned"), made, named, Saving(save, apply))
    elif asked.output != TEXT:
        print_data(listing(synced_data(each) for each in found), asked.output)
    elif made:
        click.echo(text(resource for each in found for resource in each.resources), nl=False)
    return Unreachable.exit_code if any(each.problem is not None for each in found) else 0
