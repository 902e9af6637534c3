import click
import pytest
from click.testing import CliRunner

from reconciler.cli.selecting import Which
from reconciler.cli.write_options import Asked, delete_options, which_options, write_options
from reconciler.control.intake import user
from reconciler.errors import Refused
from reconciler.store.records import RevisionMeta


def asked_by(*words: str, deleting: bool = False) -> tuple[Asked, Which]:
    got: list[tuple[Asked, Which]] = []

    @click.command()
    @which_options
    @(delete_options if deleting else write_options)
    def command(asked: Asked, which: Which) -> None:
        got.append((asked, which))

    done = CliRunner().invoke(command, words)
    assert done.exit_code == 0, done.output
    return got[0]


def test_what_is_not_said() -> None:
    assert asked_by() == (Asked(), Which())
    assert not Which().said
    assert asked_by(deleting=True) == (Asked(), Which())


def test_what_is_said() -> None:
    asked, which = asked_by(
        "-m",
        "why",
        "--field-manager",
        "ci",
        "--dry-run",
        "--wait",
        "--timeout",
        "5s",
        "-o",
        "json",
        "-l",
        "a=b",
        "-A",
    )
    assert asked == Asked("why", "ci", dry_run=True, wait=True, timeout=5.0, output="json")
    assert which == Which("a=b", everywhere=True)
    assert asked_by("--all")[1] == Which(everything=True)
    assert which.said


def test_what_deletes_shows_no_object_and_owns_no_field() -> None:
    for words in (["-o", "json"], ["--field-manager", "ci"]):
        with pytest.raises(AssertionError, match=r"No such option|unknown output format"):
            asked_by(*words, deleting=True)


def test_who_and_why() -> None:
    assert Asked().field_manager == f"cli:{user()}"
    assert Asked(manager="ci").field_manager == "ci"
    with pytest.raises(Refused):
        _ = Asked(manager="api:ada").field_manager
    assert Asked("why").meta("patch") == RevisionMeta(user(), "patch", message="why")
