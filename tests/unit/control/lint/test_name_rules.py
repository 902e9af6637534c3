import pytest
from fakes.linting import linted

from reconciler.control.lint.rule import Finding


def of(rule: str, text: str) -> list[Finding]:
    return [finding for finding in linted(text).findings if finding.rule == rule]


def model(aliases: str, name: str = "m", namespace: str = "default") -> str:
    return f"---\nkind: Model\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {{aliases: {aliases}}}\n"


@pytest.mark.parametrize(
    ("aliases", "count"),
    [
        ('["a*", ab]', 1),
        ('["a*", "ab*", abc]', 2),
        ('["a*", b]', 0),
        ("[a, ab]", 0),
        ('["*", a]', 1),
    ],
)
def test_an_alias_that_a_wider_one_takes(aliases: str, count: int) -> None:
    assert len(of("redundant-alias", model(aliases))) == count


def test_an_alias_against_another_model_is_not_redundant() -> None:
    assert of("redundant-alias", model('["a*", abc]') + model('["ab*"]', "n")) == []
    assert len(of("redundant-alias", model('["a*", abc]') + model('["x*"]', "n"))) == 1
    assert len(of("redundant-alias", model('["a*", abc]') + model('["ab*"]', "n", "other"))) == 1


def test_an_alias_decides_what_a_star_takes() -> None:
    binding = "---\nkind: Binding\nmetadata: {name: b}\nspec: {model: m, provider: p, upstreamModel: '*'}\n"
    assert of("redundant-alias", model('["a*", "ab*"]') + binding) == []
    assert of("wildcard-takes-nothing", model('["a*"]') + binding) == []
    assert len(of("wildcard-takes-nothing", model("[a]") + binding)) == 1
    assert of("wildcard-takes-nothing", binding) == []


def test_each_other_namespace_is_told_once() -> None:
    text = model("[]", "a", "one") + model("[]", "b", "one") + model("[]", "c", "two") + model("[]", "d")
    assert [str(finding.key) for finding in of("namespace-not-served", text)] == [
        "Model/one/a",
        "Model/two/c",
    ]


def test_what_is_in_both_namespaces_is_no_mismatch() -> None:
    binding = "---\nkind: Binding\nmetadata: {name: b, namespace: one}\nspec: {model: m, provider: p}\n"
    assert of("namespace-mismatch", model("[]") + model("[]", "m", "one") + binding) == []
    (finding,) = of("namespace-mismatch", model("[]") + binding)
    assert '"one"; these files have it in "default"' in finding.message
