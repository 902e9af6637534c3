import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.cli.jsonpath import parse, render
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonValue

VALUE: JsonValue = {
    "kind": "List",
    "items": [
        {"metadata": {"name": "a", "labels": {"example.com/team": "x"}}, "spec": {"n": 1, "on": True}},
        {"metadata": {"name": "b"}, "spec": {"n": 2, "list": ["p", "q"], "none": None}},
    ],
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{.kind}", "List"),
        (".kind", "List"),
        ("$.kind", "List"),
        ("{$.kind}", "List"),
        ("{.items[*].metadata.name}", "a b"),
        ("{.items[0].metadata.name}", "a"),
        ("{.items[-1].metadata.name}", "b"),
        ("{.items[5].metadata.name}", ""),
        ("{.items[-5]}", ""),
        ("{.items[*].spec.n}", "1 2"),
        ("{.items[*].spec.on}", "true"),
        ("{.items[1].spec.none}", "null"),
        ("{.items[1].spec.list}", '["p", "q"]'),
        ("{.items[1].spec.list[*]}", "p q"),
        ("{.items[1].spec.list.*}", "p q"),
        ("{.items[0].spec.*}", "1 true"),
        ("{.items[0].metadata.labels['example.com/team']}", "x"),
        ('{.items[0].metadata.labels["example.com/team"]}', "x"),
        (r"{.items[0].metadata.labels.example\.com/team}", "x"),
        ("{.missing.deeper}", ""),
        ("{.kind.deeper}", ""),
        ("{.kind[0]}", ""),
        ("{.kind[*]}", ""),
        ('name: {.items[0].metadata.name}{"\\t"}n={ .items[0].spec.n }{"\\n"}', "name: a\tn=1\n"),
        ("{.kind}{'}'}", "List}"),
        ('{"\\\\"}{.kind}', "\\List"),
        ("{}", None),
        ("", None),
    ],
)
def test_what_an_expression_picks(template: str, text: str | None) -> None:
    whole = render(VALUE, "{.}")
    assert render(VALUE, template) == (whole if text is None else text)


@pytest.mark.parametrize(
    "template",
    [
        "{.a",
        "}",
        "{a}",
        "a",
        "{range .items[*]}",
        "{.a[?(@.b==1)]}",
        "{.a[1:2]}",
        "{.a..b}",
        "{.a[}",
        "{{.a}}",
    ],
)
def test_what_can_not_be_read(template: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(template)
    assert caught.value.message == "the jsonpath expression can't be read"
    assert "{.items[*].metadata.name}" in str(caught.value)


@given(st.text(st.sampled_from("{}[].*'\"\\$@-a0 n"), max_size=12))
def test_any_text_is_read_or_refused(template: str) -> None:
    try:
        parse(template)
    except InvalidInput:
        return
    assert isinstance(render(VALUE, template), str)
