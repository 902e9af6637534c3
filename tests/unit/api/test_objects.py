import pytest
from fakes.workshop import PROVIDER

from reconciler.api.objects import Item, Objects, change_of, objects_of
from reconciler.api.writes import Change
from reconciler.control.imperative.creation import Creation
from reconciler.errors import InvalidInput


def test_items_are_changes() -> None:
    creation = Creation(PROVIDER, dict)
    change = Change(
        "patch", {PROVIDER: creation}, "ci", "why", dry_run=True, sealing=True, ignore_missing=True
    )
    told = objects_of(change, [Item(PROVIDER, {"a": 1}, creates=True)])
    found = change_of(told)
    assert (found.verb, found.manager, found.message, found.dry_run, found.ignore_missing) == (
        "patch",
        "ci",
        "why",
        True,
        True,
    )
    made = found.rewrites[PROVIDER]
    assert isinstance(made, Creation)
    assert made.make() == {"a": 1}
    rewrite = change_of(Objects((Item(PROVIDER, {"b": 2}),))).rewrites[PROVIDER]
    assert rewrite is not None
    assert rewrite({"a": 1}) == {"b": 2}
    assert change_of(Objects((Item(PROVIDER),))).rewrites == {PROVIDER: None}


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (Objects((Item(PROVIDER),), "rm -rf"), "no command that changes"),
        (Objects((Item(PROVIDER),), "rollback"), "no command that changes"),
        (Objects((Item(PROVIDER),), "apply-plan"), "no command that changes"),
        (Objects((Item(PROVIDER),), "token create"), "no command that changes"),
        (Objects(()), "one at least"),
        (Objects((Item(PROVIDER), Item(PROVIDER))), "each resource once"),
    ],
)
def test_what_no_command_asks_is_refused(told: Objects, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        change_of(told)
