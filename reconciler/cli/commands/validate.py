"""routerctl validate"""

import sys

import click

from reconciler.cli.options import filename_option
from reconciler.cli.output import DATA_FORMATS, counted, output_option, print_data
from reconciler.cli.plan_output import problem_json, report_problems
from reconciler.cli.session import Session
from reconciler.control.intake import every_problem, take_in
from reconciler.control.manifest.document import InvalidManifests


@click.command(epilog="Example: routerctl validate -f manifests/")
@filename_option()
@click.option("--closed", is_flag=True, help="A reference that these files don't hold is an error.")
@output_option("text", DATA_FORMATS)
@click.pass_obj
def command(session: Session, paths: tuple[str, ...], closed: bool, output: str) -> int:
    """Check manifests: every error at once, with its place.

    Needs no store, no secrets and no network. References that these files don't hold are warnings: diff and apply
    decide them against the store.
    """
    intake = take_in(paths, stdin=sys.stdin.buffer, namespace=session.namespace)
    problems = every_problem(intake, closed=closed)
    errors = [problem for problem in problems if not problem.warning]
    if output != "text":
        shown = [problem_json(problem) for problem in problems]
        print_data({"valid": not errors, "resources": len(intake.declared), "problems": [*shown]}, output)
        return InvalidManifests.exit_code if errors else 0
    if errors:
        raise InvalidManifests(problems)
    report_problems(problems)
    click.echo(f"{counted(len(intake.declared), 'resource')} in {counted(len(intake.files), 'file')}: valid.")
    return 0
