import click
import pytest
from click.testing import CliRunner

from reconciler.cli.markdown_output import DEFAULT_SIZE
from reconciler.cli.output import MARKDOWN, TEXT
from reconciler.cli.review_options import Effects, Showing, review_options
from reconciler.control.plan.effects import EFFECTS, Effect, Impact
from reconciler.control.plan.model import Plan
from reconciler.control.review import Review
from reconciler.errors import Refused

LOST = Effect("lost-model", "default", "m", ("a",))
MOVED = Effect("moved-name", "team", "x", ("m",), ("n",))
REVIEW = Review(Plan(3), impact=Impact((LOST, MOVED)))


@click.command()
@review_options
def command(showing: Showing) -> None:
    click.echo(f"{showing.colour} {showing.max_size} {','.join(showing.fail_on)}")
    click.echo(click.style("red", fg="red"))


def test_the_options_come_as_one_argument() -> None:
    run = CliRunner().invoke
    assert run(command, []).output == f"auto {DEFAULT_SIZE} \nred\n"
    more = ["--fail-on", "lost-model, moved-name", "--fail-on", "gained-model", "--max-size", "1000"]
    assert run(command, more).output == "auto 1000 lost-model,moved-name,gained-model\nred\n"
    assert run(command, ["--max-size", "999"]).exit_code == 2


def test_colours_go_into_a_pipe_where_they_are_asked_for() -> None:
    assert CliRunner().invoke(command, ["--color", "always"]).output.endswith("\x1b[31mred\x1b[0m\n")
    assert CliRunner().invoke(command, ["--color", "never"], color=True).output.endswith("\nred\n")


def test_an_unknown_effect_is_wrong_usage_with_a_suggestion() -> None:
    done = CliRunner().invoke(command, ["--fail-on", "lost-model,single-provder"])
    assert (done.exit_code, 'did you mean "single-provider"?' in done.output) == (2, True)
    done = CliRunner().invoke(command, ["--fail-on", "slower-answers"])
    assert done.exit_code == 2
    assert f"one of {', '.join(EFFECTS)}" in done.output
    assert Effects().convert(("a",), None, None) == ("a",)


def test_the_help_lists_every_effect() -> None:
    shown = " ".join(CliRunner().invoke(command, ["--help"], terminal_width=2000).output.split())
    for word, meaning in EFFECTS.items():
        assert f"{word} ({meaning})" in shown


def test_what_fails_is_named() -> None:
    Showing().check(REVIEW.impact)
    Showing(fail_on=("gained-model",)).check(REVIEW.impact)
    with pytest.raises(Refused) as caught:
        Showing(fail_on=("moved-name", "lost-model", "gained-model")).check(REVIEW.impact)
    assert caught.value.message.split("\n") == [
        "the impact holds what --fail-on names:",
        "  lost-model: Model/m",
        "  moved-name: team/x",
    ]


def test_each_form(capsys: pytest.CaptureFixture[str]) -> None:
    shown = {}
    for output in (TEXT, MARKDOWN, "json", "jsonpath={.base}"):
        Showing().show(REVIEW, output, {})
        shown[output] = capsys.readouterr().out
    assert shown[TEXT].startswith("Impact:\n  lost-model  Model/m: a → none\n")
    assert shown[MARKDOWN].startswith("**routerctl**: ")
    assert not shown[MARKDOWN].endswith("\n\n")
    assert shown["json"].startswith('{\n  "base": 3,')
    assert shown["jsonpath={.base}"] == "3\n"


def test_the_palette_is_the_one_asked_for() -> None:
    assert Showing("always").palette({"NO_COLOR": "1"}).paint("a", "red") != "a"
    assert Showing("never").palette({}).paint("a", "red") == "a"
