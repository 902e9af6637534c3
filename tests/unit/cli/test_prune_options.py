import click
import pytest

from reconciler.cli.prune_options import Limit, prune_options
from reconciler.control.proposal import DEFAULT, DeleteLimit, Guards


@click.command()
@prune_options
def command(**told: object) -> dict[str, object]:
    return told


def told(*arguments: str) -> object:
    return command.main(list(arguments), standalone_mode=False)


def test_what_is_told() -> None:
    assert told() == {"prune": False, "guards": DEFAULT}
    assert told("--prune") == {"prune": True, "guards": DEFAULT}
    assert told("--prune", "--max-deletes", "0", "--allow-empty") == {
        "prune": True, "guards": Guards(DeleteLimit(0), allow_empty=True)
    }  # fmt: skip
    assert told("--prune", "--max-deletes", "25%") == {
        "prune": True,
        "guards": Guards(DeleteLimit(percent=25)),
    }


@pytest.mark.parametrize("text", ["-1", "101%", "%", "a", "1.5", "1 %", ""])
def test_what_is_no_limit(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no limit; write a number, or a percentage as in 25%"):
        told("--prune", "--max-deletes", text)


@pytest.mark.parametrize("arguments", [["--max-deletes", "3"], ["--allow-empty"]])
def test_a_word_on_a_prune_needs_one(arguments: list[str]) -> None:
    with pytest.raises(click.UsageError, match=f"{arguments[0]} needs --prune"):
        told(*arguments)


def test_a_limit_that_is_one_already_is_taken() -> None:
    assert Limit().convert(DeleteLimit(3), None, None) == DeleteLimit(3)
