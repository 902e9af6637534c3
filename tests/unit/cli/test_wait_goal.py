import click
import pytest

from reconciler.cli.resource_output import Row
from reconciler.cli.wait_goal import ByCondition, ByJsonPath, Goal, GoalWord, Lifecycle
from reconciler.clock import SystemClock
from reconciler.control.conditions import Condition
from reconciler.resources.resource import Resource, ResourceKey, StoredResource


def goal(text: str) -> Goal:
    return GoalWord().convert(text, None, None)


def row(*conditions: Condition) -> Row:
    resource = Resource(ResourceKey("Provider", "default", "p"), {"enabled": False, "config": {}})
    return Row(StoredResource(resource, "uid", 2, 7, "t", 4), SystemClock().now(), conditions)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("condition=Ready", ByCondition("Ready")),
        ("condition=ready=false", ByCondition("ready", "False")),
        ("condition=Ready=Unknown", ByCondition("Ready", "Unknown")),
        ("delete", Lifecycle.DELETE),
        ("create", Lifecycle.CREATE),
        ("jsonpath={.spec.enabled}=false", ByJsonPath("{.spec.enabled}", "false")),
        ("jsonpath={.spec.enabled}", ByJsonPath("{.spec.enabled}")),
        ("jsonpath=.spec.enabled", ByJsonPath("{.spec.enabled}")),
        ("jsonpath={.spec.a}=", ByJsonPath("{.spec.a}", "")),
    ],
)
def test_what_is_meant(text: str, meant: Goal) -> None:
    assert goal(text) == meant
    assert GoalWord().convert(meant, None, None) == meant


@pytest.mark.parametrize(
    "text", ["", "ready", "condition=", "condition=Ready=maybe", "jsonpath={.a", "deleted"]
)
def test_what_is_no_goal(text: str) -> None:
    with pytest.raises(click.BadParameter):
        goal(text)


def test_a_condition_counts_for_the_generation_that_is_stored() -> None:
    ready = Condition("Ready", "True", "Built", "m", 2)
    assert ByCondition("ready").unmet(row(ready)) is None
    old = Condition("Ready", "True", "Built", "m", 1)
    assert ByCondition("Ready").unmet(row(old)) == "Ready is True (Built) of an earlier generation: m"
    refused = Condition("Ready", "False", "Refused", "no key\nset it", 2)
    assert ByCondition("Ready").unmet(row(refused)) == "Ready is False (Refused): no key; set it"
    assert ByCondition("Ready", "False").unmet(row(refused)) is None


def test_a_kind_must_have_the_condition() -> None:
    ByCondition("ready").require(["Provider", "Model"])
    with pytest.raises(click.BadParameter, match="a Model has no condition ResolvedRefs; it has Accepted, "):
        ByCondition("ResolvedRefs").require(["Provider", "Model"])


def test_a_field_has_a_value_or_is_there_at_all() -> None:
    assert ByJsonPath("{.spec.enabled}", "false").unmet(row()) is None
    assert ByJsonPath("{.spec.enabled}", "true").unmet(row()) == '{.spec.enabled} is "false"'
    assert ByJsonPath("{.spec.config}").unmet(row()) is None
    assert ByJsonPath("{.spec.nope}").unmet(row()) == "{.spec.nope} is not there"
