import pytest
from fakes.linting import ids, linted

PROVIDER = """\
---
kind: Provider
metadata: {{name: p}}
spec: {{type: openai-compatible, enabled: {enabled}, config: {{baseURL: "{url}"}}}}
"""
REFUSES, ALL = "egress-refuses-provider", "egress-allows-all-networks"


def told(egress: str, url: str = "https://api.example.com/v1", *, enabled: bool = True) -> list[str]:
    settings = f"kind: Settings\nmetadata: {{name: default}}\nspec: {{egress: {egress}}}\n"
    found = ids(linted(settings + PROVIDER.format(url=url, enabled=str(enabled).lower())))
    return [each for each in found if each.startswith("egress")]


@pytest.mark.parametrize(
    ("egress", "rules"),
    [
        ("{}", []),
        ("{deny: [{host: api.example.com}]}", [REFUSES]),
        ("{deny: [{host: '*.example.com', ports: [443]}]}", [REFUSES]),
        ("{deny: [{host: api.example.com, ports: [80]}]}", []),
        ("{onlyAllowed: true}", [REFUSES]),
        ("{onlyAllowed: true, allow: [{network: 203.0.113.0/24}]}", []),
        ("{onlyAllowed: true, allow: [{host: api.example.com}]}", []),
        ("{allow: [{network: 0.0.0.0/0}]}", [ALL]),
        ("{allow: [{network: '::/0'}]}", [ALL]),
        ("{allow: [{network: 10.0.0.0/8}, {host: a.b}]}", []),
    ],
)
def test_what_is_remarked_on(egress: str, rules: list[str]) -> None:
    assert told(egress) == rules


def test_the_line_to_add_is_told() -> None:
    settings = "kind: Settings\nmetadata: {name: default}\nspec: {egress: {onlyAllowed: true}}\n"
    report = linted(settings + PROVIDER.format(url="http://10.0.0.5:8000/v1", enabled="true"))
    (finding,) = [each for each in report.findings if each.rule == REFUSES]
    assert finding.hint == "add to spec.egress.allow: - {network: 10.0.0.5, ports: [8000]}"


def test_what_is_disabled_or_nowhere_is_no_matter() -> None:
    assert told("{onlyAllowed: true}", enabled=False) == []
    settings = "kind: Settings\nmetadata: {name: default}\nspec: {retention: 24h}\n"
    assert ids(linted(settings + PROVIDER.format(url="https://a.b/v1", enabled="true"))).count(REFUSES) == 0


def test_what_is_no_network_is_no_matter_of_this_rule() -> None:
    assert told("{allow: [{network: here}, {host: a.b}]}") == []
