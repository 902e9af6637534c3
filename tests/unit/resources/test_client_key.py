import pytest

from reconciler.json_types import JsonObject
from reconciler.resources.scheme import structure_of_kind
from reconciler.resources.specs import invalid_fields
from reconciler.resources.structure import Shape

KEY: JsonObject = {"id": "0aZ4kQ81mTq2", "hash": "sha256:" + "0f" * 32}


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        ({}, ()),
        ({"keys": [KEY]}, ()),
        ({"keys": []}, ("keys",)),
        ({"keys": [{**KEY, "expires": "2031-01-31T00:00:00+01:00", "enabled": False}]}, ()),
        ({"keys": [KEY, KEY]}, ("keys",)),
        ({"keys": [{**KEY, "id": "short"}]}, ("keys.0.id",)),
        ({"keys": [{**KEY, "hash": "rk-0aZ4kQ81mTq2-canary"}]}, ("keys.0.hash",)),
        ({"keys": [{**KEY, "expires": "2031-01-31"}]}, ("keys.0.expires",)),
        ({"expires": "2031-13-31T00:00:00Z"}, ("expires",)),
        ({"models": []}, ("models",)),
        ({"models": ["m*"], "routes": ["r"]}, ()),
        ({"limits": {"requestsPerMinute": 0}}, ("limits.requestsPerMinute",)),
        ({"limits": {"requestsPerYear": 1}}, ("limits.requestsPerYear",)),
        ({"budgets": [{"window": "day", "amount": "2.50"}, {"window": "month", "tokens": 1}]}, ()),
        ({"budgets": [{"window": "day"}]}, ("budgets.0",)),
        ({"budgets": [{"window": "day", "tokens": 1}] * 2}, ("budgets",)),
        ({"metadata": {"a b": "x"}}, ("metadata.a b.[key]",)),
    ],
)
def test_what_a_client_may_be(spec: JsonObject, fields: tuple[str, ...]) -> None:
    assert invalid_fields("ClientKey", spec) == fields


def test_each_key_and_budget_has_its_own_owner() -> None:
    spec = structure_of_kind("ClientKey").child("spec")
    for name, keys in (("keys", ("id",)), ("budgets", ("window",))):
        assert (spec.child(name).shape, spec.child(name).keys) == (Shape.KEYED_LIST, keys)
