import pytest
from fakes.linting import ids, linted


def found(health: str) -> list[str]:
    text = f"kind: Provider\nmetadata: {{name: p}}\nspec:\n  type: simulator\n  health: {{{health}}}\n"
    return [name for name in ids(linted(text)) if name != "unused-provider"]


@pytest.mark.parametrize(
    ("health", "rules"),
    [
        ("", []),
        ("probe: {}", []),
        ("probe: {interval: 1s, timeout: 1s}", []),
        ("probe: {interval: 999ms, timeout: 1ms}", ["probe-too-often"]),
        ("openFor: 5m", []),
        ("openFor: 5m1ms", ["left-alone-too-long"]),
        ("openFor: 300001", ["left-alone-too-long"]),
        ("failureThreshold: 1", []),
        ("failureThreshold: 0", ["never-left-alone"]),
    ],
)
def test_what_is_remarked_on(health: str, rules: list[str]) -> None:
    assert found(health) == rules
