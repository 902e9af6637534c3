import re

import pytest

from reconciler import errors
from reconciler.errors import RouterctlError

LEAVES = [leaf for leaf in RouterctlError.__subclasses__() if leaf.__module__ == errors.__name__]


def test_the_drawing_is_the_tree() -> None:
    drawn = re.findall(r"── (\w+) +(\d+)", errors.__doc__ or "")
    assert drawn == [(leaf.__name__, str(leaf.exit_code)) for leaf in LEAVES]


@pytest.mark.parametrize("leaf", LEAVES)
def test_every_leaf_has_its_reason(leaf: type[RouterctlError]) -> None:
    assert leaf.reason != RouterctlError.reason


def test_an_error_says_what_is_wrong_and_what_to_do() -> None:
    assert str(errors.NotFound("no such provider")) == "no such provider"
    assert str(errors.Refused("taken", hint="take another")) == "taken\n  take another"


def test_a_command_that_helps_works_on_the_store_that_is_meant() -> None:
    error = errors.NotFound("nothing there", hint="make one with", command="apply -f DIR")
    assert str(error) == "nothing there\n  make one with: routerctl apply -f DIR"
    assert error.told("routerctl --db x") == "nothing there\n  make one with: routerctl --db x apply -f DIR"
    assert str(errors.NotFound("gone", command="history")) == "gone\n  routerctl history"


def test_what_is_no_leaf_is_a_bug() -> None:
    assert RouterctlError("x").exit_code == 70


def test_a_message_and_its_hint_fit_on_one_line() -> None:
    assert errors.one_line(str(errors.Refused("taken", hint="take another"))) == "taken; take another"
    assert errors.one_line("one\n\n  two \n") == "one; two"
    assert errors.one_line("these are wrong:\n  one\n  two") == "these are wrong: one; two"
