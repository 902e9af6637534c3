"""routerctl delete"""

import sys
from collections.abc import Sequence

import click

from reconciler.cli.options import filename_option
from reconciler.cli.reading import records_of
from reconciler.cli.save_options import Saving, save_options
from reconciler.cli.saving import Deed, change
from reconciler.cli.selecting import Which, select_some
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked, delete_options, which_options
from reconciler.control.intake import take_in
from reconciler.control.manifest.document import InvalidManifests
from reconciler.resources.resource import ResourceKey


@click.command(epilog='Example: routerctl delete binding/gpt-4o-openai model/gpt-4o -m "nobody asks for it"')
@click.argument("what", nargs=-1, metavar="[KIND/NAME... | KIND [NAME...]]")
@which_options
@filename_option(required=False)
@click.option("--ignore-not-found", is_flag=True, help="What is not there is no error.")
@save_options
@delete_options
@click.pass_obj
def command(
    session: Session,
    what: tuple[str, ...],
    which: Which,
    paths: tuple[str, ...],
    asked: Asked,
    saving: Saving,
    *,
    ignore_not_found: bool,
) -> None:
    """Delete resources, all of them as one revision or none.

    Refused where something that stays refers to one of them, and for what is annotated with routerctl.dev/protected. A
    source that still declares one of them makes it again. What has metadata.finalizers is marked: nothing uses it any more,
    and it is gone when the last of them is taken away, as by patch.
    """
    if bool(what) == bool(paths):
        raise click.UsageError("say what is to go: KIND/NAME, or manifests with -f")
    if paths:
        if which.said:
            raise click.UsageError("-f says what is meant: it goes with none of -l, --all and -A")
        keys = _declared(session, paths)
    else:
        with records_of(session) as reader:
            selected = select_some(reader, what, session.namespace, which)
        if not ignore_not_found:
            selected.require_all()
        keys = [stored.key for stored in selected.found]
        if not keys:
            click.echo("No resources found.", err=True)
            return
    rewrites = dict.fromkeys(keys)
    deed = Deed("delete", "deleted", "not deleted again", ignore_missing=ignore_not_found)
    change(session, deed, rewrites, asked, saving)


def _declared(session: Session, paths: Sequence[str]) -> Sequence[ResourceKey]:
    """What the manifests declare. Raises InvalidManifests."""
    intake = take_in(paths, stdin=sys.stdin.buffer, namespace=session.namespace)
    problems = (*intake.errors, *intake.empty)
    if problems:
        raise InvalidManifests(problems)
    return [declared.key for declared in intake.declared]
