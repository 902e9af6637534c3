"""What it says of Models is proved in `test_client_limit_output`."""

from fakes.states import stored

from reconciler.cli.client_overshoot import overshoot_lines
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.state import State
from reconciler.snapshot.limits import client_limits

KEY = stored(
    Resource(
        ResourceKey("ClientKey", "team", "ci"),
        {"limits": {"maxConcurrent": 2, "tokensPerMinute": 5}, "budgets": [{"window": "day", "amount": "1"}]},
    )
)
ELSEWHERE = stored(Resource(ResourceKey("Model", "default", "m"), {"maxOutputTokens": 99_999}))
FREE = stored(Resource(ResourceKey("Model", "team", "free"), {"maxOutputTokens": 10_256}))
PRICED = stored(
    Resource(ResourceKey("Model", "team", "p"), {"maxOutputTokens": 1_256, "pricing": {"output": "2"}})
)


def test_the_longest_and_the_dearest_answer_of_its_namespace_count() -> None:
    limits = client_limits(KEY)
    assert limits is not None
    assert [*overshoot_lines(KEY, State([ELSEWHERE, FREE, PRICED]), limits)][2:] == [
        "  for each request without max_tokens: 10,000 tokens, $0.002",
        "  for all 2 that may be under way: 20,000 tokens, $0.004",
    ]
