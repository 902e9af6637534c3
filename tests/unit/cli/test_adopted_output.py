"""The rest is shown by tests/unit/cli/commands/test_adopt.py."""

import pytest
from fakes.states import stored
from fakes.workshop import simulator

from reconciler.cli.adopted_output import print_adopted
from reconciler.control.adopt import Adopted, Adoption
from reconciler.control.plan.model import Plan


def test_what_is_shared_and_what_was_there_already(capsys: pytest.CaptureFixture[str]) -> None:
    key = stored(simulator()).key
    adoption = Adoption(key, None, ("cli:ada",), ("git:third",), declared=True)
    print_adopted(Adopted("acme", (adoption,), Plan(3)), "text", {}, dry_run=False)
    assert capsys.readouterr().out == (
        "unchanged   Provider/sim  from cli:ada  shared with git:third\n"
        "No value changed, so no revision was made.\n"
    )
