import pytest
from fakes.linting import ids, linted

from reconciler.control.lint.rule import Finding


def secret(entry: str, hosts: str = "[a.example]") -> str:
    return f"kind: Secret\nmetadata: {{name: s}}\nspec:\n  hosts: {hosts}\n  data: {{K: {entry}}}\n"


def provider(url: str = "https://a.example/v1", key: str = "{valueFrom: {secret: {name: s, key: K}}}") -> str:
    return (
        f"---\nkind: Provider\nmetadata: {{name: p}}\nspec:\n  type: openai-compatible\n  config:\n"
        f'    baseURL: "{url}"\n    apiKey: {key}\n'
    )


def of(rule: str, text: str) -> list[Finding]:
    return [finding for finding in linted(text).findings if finding.rule == rule]


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "HF_TOKEN"])
def test_variables_that_the_gateway_reads(name: str) -> None:
    assert of("env-not-allowed", secret(f"{{valueFrom: {{env: {name}}}}}")) == []


@pytest.mark.parametrize(
    ("name", "hint"), [("OPENAI_KEY", "--allow-env OPENAI_KEY"), ("ROUTERCTL_API_KEY", "another name")]
)
def test_variables_that_it_does_not(name: str, hint: str) -> None:
    for text in (secret(f"{{valueFrom: {{env: {name}}}}}"), provider(key=f"{{valueFrom: {{env: {name}}}}}")):
        (finding,) = of("env-not-allowed", text)
        assert finding.field is not None
        assert finding.field.endswith("valueFrom.env")
        assert hint in str(finding.hint)


def test_a_host_that_is_not_listed() -> None:
    entry = "{valueFrom: {env: A_TOKEN}}"
    assert (
        of("secret-host-mismatch", secret(entry, '[b.example, "[::1]"]') + provider("https://[::1]:8/v1"))
        == []
    )
    assert of("secret-host-mismatch", secret(entry, "[A.Example]") + provider()) == []
    assert of("secret-host-mismatch", secret(entry, "[]") + provider()) == []
    (finding,) = of("secret-host-mismatch", secret(entry, "[b.example]") + provider())
    assert (str(finding.key), finding.field) == ("Provider/p", "spec.config.apiKey")


def test_a_secret_of_another_file_is_left_alone() -> None:
    assert ids(linted(provider().removeprefix("---\n"))) == ["unused-provider", "dangling-reference"]


def test_a_plain_secret_is_told_once_and_its_value_never() -> None:
    report = linted(secret("{value: canary}") + provider(key="canary"))
    assert ids(report).count("plaintext-secret") == 2
    assert "canary" not in "".join(str(finding) for finding in report.findings)
