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
        {"pricing": "0.15"},
        {"pricing": {"input": 1}},
        {"pricing": {"input": "0,15"}},
        {"pricing": {"input": "-1"}},
        {"pricing": {"input": "1e3"}},
        {"pricing": {"input": ".5"}},
        {"pricing": {"image": "1"}},
    ],
)
def test_what_is_no_model(spec: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ModelSpec.model_validate(spec)


@pytest.mark.parametrize("price", ["0", "0.15", "15", "999999999.999999999"])
def test_a_price(price: str) -> None:
    spec = ModelSpec.model_validate({"pricing": {"input": price, "cachedInput": price, "output": price}})
    assert spec.pricing is not None
    assert spec.pricing.input == price
