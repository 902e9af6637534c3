import click
import pytest
from click.testing import CliRunner

from reconciler.cli.parts import ListWithParts


@click.command("part")
@click.option("--deep", is_flag=True)
def part(*, deep: bool) -> None:
    """A part."""
    click.echo(f"part {deep}")


@click.command(cls=ListWithParts, summaries={"part": "What it does.", "lost": "It can't be loaded."})
@click.option("--limit", default=1)
@click.pass_context
def verb(ctx: click.Context, limit: int) -> None:
    if ctx.invoked_subcommand is None:
        click.echo(f"list {limit} {' '.join(ctx.args)}")


def run(*words: str) -> str:
    assert isinstance(verb, ListWithParts)
    verb.load = lambda name: {"part": part}[name]
    done = CliRunner().invoke(verb, words)
    return done.output.strip()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "list 1"),
        (["a/b", "c/d"], "list 1 a/b c/d"),
        (["a/b", "--limit", "3"], "list 3 a/b"),
        (["--limit", "3", "a/b"], "list 3 a/b"),
        (["part"], "part False"),
        (["part", "--deep"], "part True"),
        (["--limit", "3", "part"], "part False"),
        (["a/b", "part"], "list 1 a/b part"),
    ],
)
def test_the_first_word_decides(words: list[str], said: str) -> None:
    assert run(*words) == said


def test_what_is_nearly_a_part_is_no_word() -> None:
    assert "Did you mean 'part'?" in run("prat")


def test_the_help_loads_no_part() -> None:
    shown = run("--help")
    assert "part  What it does." in shown
    assert "lost  It can't be loaded." in shown


def test_without_a_loader_there_are_no_parts() -> None:
    empty = ListWithParts(name="empty", summaries={"part": "x"})
    context = click.Context(empty)
    assert empty.get_command(context, "part") is None
    assert empty.list_commands(context) == ["part"]
