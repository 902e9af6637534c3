import pytest
from pydantic import ValidationError

from reconciler.resources.model import ModelSpec


@pytest.mark.parametrize("alias", ["gpt-4", "gpt-*", "*", "org/model:free"])
def test_an_alias(alias: str) -> None:
    assert ModelSpec.model_validate({"aliases": [alias]}).aliases == [alias]


@pytest.mark.parametrize("alias", ["gpt-*-mini", "**", "*a", "", " a", "a\n", 4])
def test_what_is_no_alias(alias: object) -> None:
    with pytest.raises(ValidationError):
        ModelSpec.model_validate({"aliases": [alias]})


def test_a_star_inside_says_where_it_may_stand() -> None:
    with pytest.raises(ValidationError, match=r"an alias may hold one \*, at its end"):
        ModelSpec.model_validate({"aliases": ["a*b"]})


@pytest.mark.parametrize(
    "spec",
    [
        {"contextWindow": 0},
        {"contextWindow": 2**53},
        {"maxOutputTokens": "100"},
        {"maxOutputTokens": True},
        {"capabilities": "chat"},
        {"capabilities": ["x"] * 65},
        {"aliases": ["x"] * 257},
        {"description": "x" * 4097},
        {"displayName": "two\nlines"},
        {"pricing": {}},
    ],
)
def test_what_is_no_model(spec: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ModelSpec.model_validate(spec)
