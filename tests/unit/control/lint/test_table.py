"""Each rule on its own examples: they are what its page shows."""

import pytest
from fakes.linting import ids, linted

from reconciler.control.lint.rule import Rule
from reconciler.control.lint.table import RULES


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_finds_its_bad_example_and_passes_its_good_one(rule: Rule) -> None:
    found = [finding for finding in linted(rule.bad).findings if finding.rule == rule.id]
    assert found
    assert {finding.severity for finding in found} == {rule.severity}
    assert all(finding.message and (finding.hint or rule.final) for finding in found)
    good = ids(linted(rule.good))
    assert rule.id not in good
    assert "invalid" not in good


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_row_is_complete(rule: Rule) -> None:
    assert RULES[rule.id] is rule
    assert all(text.endswith(".") for text in (rule.summary, rule.why))
    assert rule.applies
    assert rule.bad != rule.good


def test_what_only_lint_can_find_can_be_silenced() -> None:
    assert [rule.id for rule in RULES.values() if rule.final] == ["invalid"]
