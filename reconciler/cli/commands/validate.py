"""routerctl validate"""

import json
import sys

import click

from reconciler.cli.options import filename_option
from reconciler.cli.plan_output import counted, problem_json
from reconciler.cli.session import Session
from reconciler.control.intake import cross_problems, take_in
from reconciler.control.manifest.document import InvalidManifests


@click.command(epilog="Example: routerctl validate -f manifests/")
@filename_option()
@click.option("--closed", is_flag=True, help="A reference that these files don't hold is an error.")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def command(session: Session, paths: tuple[str, ...], closed: bool, output: str) -> int:
    """Check manifests: every error at once, with its place.

    Needs no store, no secrets and no network. References that these files don't hold are warnings: diff and apply
    decide them against the store.
    """
    intake = take_in(paths, stdin=sys.stdin.buffer, namespace=session.namespace)
    problems = [*intake.problems, *cross_problems(intake, closed=closed)]
    errors = [problem for problem in problems if not problem.warning]
    if output == "json":
        shown = [problem_json(problem) for problem in problems]
        click.echo(
            json.dumps(
                {"valid": not errors, "resources": len(intake.declared), "problems": shown},
                indent=2,
                ensure_ascii=False,
            )
        )
        return InvalidManifests.exit_code if errors else 0
    for problem in problems:
        if problem.warning:
            click.echo(str(problem), err=True)
    if errors:
        raise InvalidManifests(errors)
    click.echo(f"{counted(len(intake.declared), 'resource')} in {counted(len(intake.files), 'file')}: valid.")
    return 0
