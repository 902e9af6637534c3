import pytest

from reconciler.control.importing.foreign_types import FOREIGN_TYPES
from reconciler.control.importing.litellm_providers import PREFIXES, split


@pytest.mark.parametrize(
    ("model", "told", "parts"),
    [
        ("gpt-4o", None, ("openai", "gpt-4o")),
        ("openrouter/qwen/qwen3", None, ("openrouter", "qwen/qwen3")),
        ("qwen/qwen3", "openrouter", ("openrouter", "qwen/qwen3")),
        ("groq/x", "groq", ("groq", "x")),
        ("openai/*", None, ("openai", "*")),
    ],
)
def test_a_name_says_who_serves_it(model: str, told: str | None, parts: tuple[str, str]) -> None:
    assert split(model, told) == parts


def test_every_prefix_has_a_type_that_is_known() -> None:
    assert {row.type for row in PREFIXES.values()} <= set(FOREIGN_TYPES)
