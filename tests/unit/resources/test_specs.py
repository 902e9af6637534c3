import pytest

from reconciler.json_types import JsonObject
from reconciler.resources.kinds import KINDS
from reconciler.resources.specs import facts_of_kinds, invalid_fields

URL = "http://a/v1"


@pytest.mark.parametrize(
    ("kind", "spec", "fields"),
    [
        ("Model", {}, ()),
        ("Model", {"contextWindow": 0, "aliases": 1}, ("aliases", "contextWindow")),
        ("Provider", {"type": "openai-compatible", "config": {"baseURL": URL}}, ()),
        ("Provider", {"type": "openai-compatible", "config": {}}, ("openai-compatible.config.baseURL",)),
    ],
)
def test_the_fields_that_are_not_valid(kind: str, spec: JsonObject, fields: tuple[str, ...]) -> None:
    assert invalid_fields(kind, spec) == fields


def test_of_every_kind_there_is_a_structure_and_defaults() -> None:
    facts = facts_of_kinds()
    assert set(facts) == set(KINDS)
    assert all(isinstance(fact, dict) and set(fact) == {"structure", "defaults"} for fact in facts.values())
