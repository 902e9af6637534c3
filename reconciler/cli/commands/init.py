"""routerctl init"""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import get_args

import click

from reconciler.cli.asking import choose, somebody_answers
from reconciler.cli.output import Column, counted, table
from reconciler.cli.plan_output import report_problems
from reconciler.cli.provider_draft import template_of
from reconciler.cli.session import Session
from reconciler.control.importing.naming import object_name
from reconciler.control.intake import every_problem, take_in
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.manifest.printable import printable
from reconciler.control.provider_templates import TEMPLATES, Template
from reconciler.control.scaffold import CI, MANIFESTS, Files, scaffold
from reconciler.errors import InvalidInput

_NOTHING = "simulator"
_COLUMNS = (
    Column[Template]("TEMPLATE", lambda each: each.name),
    Column[Template]("PROVIDER", lambda each: each.display_name),
    Column[Template]("TYPE", lambda each: each.type),
    Column[Template]("BASE URL", lambda each: each.base_url),
    Column[Template]("KEY", lambda each: each.variable),
    Column[Template]("NOTE", lambda each: each.note),
)


@click.command(epilog="Example: routerctl init routing --template openai --template ollama")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option(
    "--template",
    "names",
    metavar="TEMPLATE",
    multiple=True,
    help="A Provider to begin with. May be given again. [default: asked for; else simulator, which needs no network]",
)
@click.option("--source", metavar="NAME", help="The name of the source. [default: that of the folder]")
@click.option(
    "--ci", type=click.Choice(get_args(CI)), default="github", show_default=True, help="Whose CI it is for."
)
@click.option("--list-templates", "listing", is_flag=True, help="List the templates, and do nothing.")
@click.pass_obj
def command(
    session: Session, folder: Path, names: tuple[str, ...], source: str | None, ci: CI, *, listing: bool
) -> None:
    """Begin a repository of manifests: a Provider of each template, Settings, routerctl.yaml, .gitignore and a CI example.

    What is written is valid at once. A file that is there stays as it is. Needs no store.
    """
    if listing:
        click.echo(table(_COLUMNS, list(TEMPLATES.values())))
        return
    if not names:
        names = (
            (choose(f"Template ({', '.join(TEMPLATES)})", tuple(TEMPLATES), _NOTHING),)
            if somebody_answers()
            else (_NOTHING,)
        )
    templates = [found for name in dict.fromkeys(names) if (found := template_of(name)) is not None]
    files = scaffold(source or object_name(folder.resolve().name), templates, ci)
    for path, done in _written(folder, files):
        click.echo(f"{done:<8} {printable(str(folder / path))}")
    _check(folder / MANIFESTS)
    _next(session, folder, templates)


def _written(folder: Path, files: Files) -> Sequence[tuple[PurePosixPath, str]]:
    """What became of each. Raises InvalidInput where one can't be written."""
    done = []
    for path, text in files.items():
        place = folder / path
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            done.append((path, "kept"))
        except OSError as error:
            reason = (error.strerror or "no reason given").lower()
            raise InvalidInput(f"{printable(str(place))} can't be written: {reason}") from None
        else:
            done.append((path, "created"))
    return done


def _check(manifests: Path) -> None:
    """As validate. Raises InvalidManifests: with files that were there before, the whole may not be valid."""
    intake = take_in([str(manifests)])
    problems = every_problem(intake, closed=False)
    if any(not problem.warning for problem in problems):
        raise InvalidManifests(problems)
    report_problems(problems)
    click.echo(f"{counted(len(intake.declared), 'resource')} in {counted(len(intake.files), 'file')}: valid.")


def _next(session: Session, folder: Path, templates: Sequence[Template]) -> None:
    variables = sorted({each.variable for each in templates if each.variable is not None})
    click.echo("Next:", err=True)
    if variables:
        click.echo(f"  export {' '.join(f'{name}=...' for name in variables)}", err=True)
    place = printable(str(folder / MANIFESTS))
    begin = f"apply -f {place}" if session.is_remote else f"up -f {place} --watch"
    click.echo(f"  {session.program} {begin}", err=True)
