import re

import pytest

from reconciler import errors
from reconciler.errors import RouterctlError

LEAVES = RouterctlError.__subclasses__()


def test_the_drawing_is_the_tree() -> None:
    drawn = re.findall(r"── (\w+) +(\d)", errors.__doc__ or "")
    assert drawn == [(leaf.__name__, str(leaf.exit_code)) for leaf in LEAVES]


@pytest.mark.parametrize("leaf", LEAVES)
def test_every_leaf_has_its_reason(leaf: type[RouterctlError]) -> None:
    assert leaf.reason != RouterctlError.reason


def test_an_error_says_what_is_wrong_and_what_to_do() -> None:
    assert str(errors.NotFound("no such provider")) == "no such provider"
    assert str(errors.Refused("taken", hint="take another")) == "taken\n  take another"


def test_what_is_no_leaf_is_a_bug() -> None:
    assert RouterctlError("x").exit_code == 70
