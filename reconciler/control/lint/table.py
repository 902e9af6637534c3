"""Every rule there is. A new rule is one function and one row in a group's file."""

from collections.abc import Mapping
from types import MappingProxyType

from reconciler.control.lint import (
    client_rules,
    egress_rules,
    file_rules,
    health_rules,
    name_rules,
    policy_rules,
    provider_rules,
    record_rules,
    route_rules,
    secret_rules,
    serving_rules,
)
from reconciler.control.lint.rule import Rule

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.id: rule
        for group in (
            file_rules,
            secret_rules,
            provider_rules,
            health_rules,
            serving_rules,
            route_rules,
            policy_rules,
            egress_rules,
            record_rules,
            client_rules,
            name_rules,
        )
        for rule in group.ROWS
    }
)
"""By id, in the order of the reference page."""
