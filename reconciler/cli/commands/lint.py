"""routerctl lint"""

import sys
from io import BytesIO
from pathlib import Path

import click

from reconciler.cli import lint_output
from reconciler.cli.options import filename_option
from reconciler.cli.output import DATA_FORMATS, Column, output_option, print_data, table
from reconciler.cli.plan_output import report_problems
from reconciler.cli.session import Session
from reconciler.control.intake import every_problem, take_in
from reconciler.control.lint.rule import SEVERITIES, Rule, Severity
from reconciler.control.lint.run import lint
from reconciler.control.lint.table import RULES
from reconciler.control.lint.texts import piped, texts_of
from reconciler.errors import InvalidInput

_FORMATS = f"text|sarif|github|{DATA_FORMATS.removeprefix('text|')}"
_COLUMNS = (
    Column[Rule]("ID", lambda rule: rule.id),
    Column[Rule]("SEVERITY", lambda rule: rule.severity.word),
    Column[Rule]("SAYS", lambda rule: rule.summary),
)


@click.command(epilog="Example: routerctl lint -f manifests/ --fail-on error")
@filename_option(required=False)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="warning",
    show_default=True,
    help="The least severity that ends with exit code 3.",
)
@click.option(
    "--disable",
    "disabled",
    metavar="ID",
    multiple=True,
    help="Leave a rule out. May be given again.",
)
@click.option("--list", "listing", is_flag=True, help="List the rules instead; -o json tells all about them.")
@output_option("text", _FORMATS)
@click.pass_obj
def command(
    session: Session,
    paths: tuple[str, ...],
    fail_on: str,
    disabled: tuple[str, ...],
    listing: bool,
    output: str,
) -> int:
    """Review manifests: all that validate says, and rules that a careful reviewer would know.

    Needs no store, no secrets and no network. Exit code 0: nothing at or above --fail-on; 3: something.

    A comment in a file silences rules, at the end of a line for that line, above a line for it, above a document for
    all of it; with disable-file for the whole file:

    \b
        # routerctl-lint: disable=ID[,ID] reason
    """  # noqa: D301  click's mark of a paragraph that keeps its lines
    _check_ids(disabled)
    if listing:
        _list_rules(output)
        return 0
    if not paths:
        raise click.UsageError("give manifests with -f or -k, or --list")
    stdin = piped(paths, sys.stdin.buffer)
    intake = take_in(paths, stdin=BytesIO(stdin or b""), namespace=session.namespace)
    problems = every_problem(intake, closed=False)
    items = (*intake.declared, *intake.partial)
    texts = texts_of(intake.files, [item.document for item in items], stdin=stdin)
    report = lint(
        intake.declared, problems, texts, files=intake.files, disabled=disabled, partial=intake.partial
    )
    report_problems(problem for problem in problems if problem.warning and problem.rule is None)
    if output == "text":
        click.echo(lint_output.text(report, len(items), len(intake.files)))
    elif output == "github":
        click.echo(lint_output.annotations(report, Path.cwd()), nl=bool(report.findings))
    elif output == "sarif":
        print_data(lint_output.sarif(report, Path.cwd()), "json")
    else:
        print_data(lint_output.as_json(report, len(items)), output)
    worst = report.worst()
    return InvalidInput.exit_code if worst is not None and worst >= Severity[fail_on.upper()] else 0


def _check_ids(disabled: tuple[str, ...]) -> None:
    for name in disabled:
        if name not in RULES or RULES[name].final:
            reason = "can't be disabled" if name in RULES else "is no rule; see --list"
            raise click.BadParameter(f'"{name}" {reason}', param_hint="'--disable'")


def _list_rules(output: str) -> None:
    if output in ("sarif", "github"):
        raise click.UsageError(f"--list has no form {output}; take text, json or yaml")
    if output == "text":
        click.echo(table(_COLUMNS, list(RULES.values())))
    else:
        print_data({"rules": [lint_output.rule_json(rule) for rule in RULES.values()]}, output)
