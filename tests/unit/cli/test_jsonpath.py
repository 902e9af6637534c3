import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.cli.jsonpath import render
from reconciler.cli.jsonpath_syntax import parse
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
    ("template", "text"),
    [
        ('{range .items[*]}{.metadata.name}{"\\t"}{.spec.n}{"\\n"}{end}', "a\t1\nb\t2\n"),
        ("{range .items[*]}{@.metadata.name} of {$.kind}; {end}.", "a of List; b of List; ."),
        ("{range .items[*]}[{range .spec.list[*]}<{@}>{end}]{end}", "[][<p><q>]"),
        ("{range .missing[*]}x{end}", ""),
        ("{.items[?(@.spec.on==true)].metadata.name}", "a"),
        ("{.items[?(@.spec.on!=true)].metadata.name}", ""),
        ("{.items[?(@.spec.list)].metadata.name}", "b"),
        ('{.items[?(@.metadata.name=="b")].spec.n}', "2"),
        ("{.items[?( @.metadata.name != 'b' )].spec.n}", "1"),
        ("{.items[?(@.spec.n>1)].metadata.name}", "b"),
        ("{.items[?(@.spec.n>=1)].metadata.name}", "a b"),
        ("{.items[?(@.spec.n<2)].metadata.name}", "a"),
        ("{.items[?(@.spec.n<=2)].metadata.name}", "a b"),
        ('{.items[?(@.metadata.name>"a")].metadata.name}', "b"),
        ("{.items[?(@.spec.on==1)].metadata.name}", ""),
        ('{.items[?(@.spec.n<"z")].metadata.name}', ""),
        ("{.items[?(@.spec.on>false)].metadata.name}", ""),
        ("{.items[?(1==@.spec.n)].metadata.name}", "a"),
        ("{.items[?(@.spec.none==null)].metadata.name}", "b"),
        ("{.items[?(@.metadata.labels['example.com/team']=='x')].metadata.name}", "a"),
        ("{.items[?(@.spec.n==$.items[1].spec.n)].metadata.name}", "b"),
        ("{.items[0:1].metadata.name}", "a"),
        ("{.items[1:].metadata.name}", "b"),
        ("{.items[:-1].metadata.name}", "a"),
        ("{.items[::2].metadata.name}", "a"),
        ("{.items[0,1].metadata.name}", "a b"),
        ("{.items[1,0].metadata.name}", "b a"),
        ("{.items[0].spec['n','on']}", "1 true"),
        ("{..name}", "a b"),
        ("{.items..n}", "1 2"),
        ("{..list[0]}", "p"),
        ("{..[?(@.n==2)].list[*]}", "p q"),
        ("{.items[1]..list.*}", "p q"),
        ("{.kind[0:1]}", ""),
        ("{.kind[?(@.a)]}", ""),
        ("{['kind']}", "List"),
        (r"{.items[0].metadata.labels['example\.com/team']}", "x"),
        (r"{'it\'s'}", "it's"),
    ],
)
def test_what_kubectl_users_write(template: str, text: str) -> None:
    assert render(VALUE, template) == text


@given(st.text(st.sampled_from("{}[]().*'\"\\$@-a0 n?=<:,"), max_size=12))
def test_any_text_is_read_or_refused(template: str) -> None:
    try:
        parse(template)
    except InvalidInput:
        return
    assert isinstance(render(VALUE, template), str)
