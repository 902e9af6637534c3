import pytest
from fakes.linting import ids, linted


@pytest.mark.parametrize(
    ("records", "rules"),
    [
        ("", []),
        ("bodies: false", []),
        ("bodies: true", ["bodies-are-recorded"]),
        ("bodies: true, requests: false", []),
    ],
)
def test_what_is_remarked_on(records: str, rules: list[str]) -> None:
    assert (
        ids(linted(f"kind: Settings\nmetadata: {{name: default}}\nspec: {{records: {{{records}}}}}\n"))
        == rules
    )


def test_settings_without_records() -> None:
    assert ids(linted("kind: Settings\nmetadata: {name: default}\nspec: {retention: 24h}\n")) == []
