import pytest

from reconciler.cli.model_options import Told, fields_told
from reconciler.errors import InvalidInput

NOTHING = Told(
    display_name=None,
    description=None,
    capabilities=(),
    context_window=None,
    max_output_tokens=None,
    aliases=(),
    assignments=(),
)


def test_what_nothing_is_said_of_is_left_out() -> None:
    assert fields_told(NOTHING) == {}


def test_each_option_is_a_field() -> None:
    told = Told(
        display_name="M",
        description="d",
        capabilities=("chat", "tools"),
        context_window=8,
        max_output_tokens=4,
        aliases=("x",),
        assignments=("pricing.input=0.15",),
    )
    assert fields_told(told) == {
        ("displayName",): "M",
        ("description",): "d",
        ("capabilities",): ["chat", "tools"],
        ("contextWindow",): 8,
        ("maxOutputTokens",): 4,
        ("aliases",): ["x"],
        ("pricing", "input"): "0.15",
    }
    with pytest.raises(InvalidInput, match="did you mean pricing"):
        fields_told({**NOTHING, "assignments": ("pricin=1",)})
