import pytest
from fakes.routing import decided, namespace_of, order, refused, route
from fakes.workshop import binding, model, simulator

from reconciler.gateway.routing.facts import GivenFacts
from reconciler.gateway.routing.trace import Trace
from reconciler.json_types import JsonValue
from reconciler.resources.resource import Resource

TARGETS: JsonValue = [{"model": "n"}]
SERVED = (
    simulator("a"),
    simulator("b"),
    model("m", aliases=["alias", "m/*"]),
    model("n"),
    binding("ma", "m", "a"),
    binding("nb", "n", "b"),
)
PLAIN, ROUTED = ["a:m"], ["b:n"]


def to(asked: str | None, facts: GivenFacts | None = None, **match: JsonValue) -> list[str]:
    return order(namespace_of(*SERVED, route("r", match=match, targets=TARGETS)), asked, facts)


@pytest.mark.parametrize("asked", ["m", "alias", "m/x"])
@pytest.mark.parametrize("pattern", ["m", "*", "m*", "*m*"])
def test_a_model_is_matched_by_its_name_and_what_means_it(asked: str, pattern: str) -> None:
    assert to(asked, models=[pattern]) == ROUTED


def test_an_alias_is_matched_as_it_is_asked_for() -> None:
    assert to("alias", models=["alias"]) == ROUTED
    assert to("m", models=["alias"]) == PLAIN
    assert to("m/x", models=["m/*"]) == ROUTED
    assert to("m", models=["m/*"]) == PLAIN
    assert to("m", models=["other"]) == PLAIN


def test_names_that_no_model_has_are_matched_where_they_are_written() -> None:
    assert to("gpt-9", models=["gpt-*"]) == ROUTED
    assert to("gpt-9", models=["gpt-9"]) == ROUTED
    space = namespace_of(*SERVED, route("r", targets=TARGETS))
    assert order(space, "m") == ROUTED
    assert refused(space, "gpt-9") == (404, "model_not_found")


def test_a_request_that_names_no_model_is_matched_by_routes_without_models() -> None:
    assert to(None) == ROUTED
    space = namespace_of(*SERVED, route("r", match={"models": ["*"]}, targets=TARGETS))
    assert refused(space, None) == (400, "missing_required_parameter")


def test_the_default_model_counts_as_asked_for() -> None:
    settings = Resource(SERVED[0].key._replace(kind="Settings", name="default"), {"defaultModel": "m"})
    space = namespace_of(*SERVED, settings, route("r", match={"models": ["m"]}, targets=TARGETS))
    assert order(space, None) == ROUTED


@pytest.mark.parametrize(
    ("facts", "fits"),
    [
        (GivenFacts(task_type="code"), True),
        (GivenFacts({b"x-task-type": "chat"}, "code"), False),
        (GivenFacts(), False),
    ],
)
def test_task_types(facts: GivenFacts, fits: bool) -> None:
    assert to("m", facts, taskTypes=["code", "review"]) == (ROUTED if fits else PLAIN)


def test_every_header_counts() -> None:
    headers: JsonValue = [
        {"name": "X-Team", "value": "sea", "type": "prefix"},
        {"name": "X-Any", "value": "*", "type": "glob"},
    ]
    assert to("m", GivenFacts({b"x-team": "search", b"x-any": "y"}), headers=headers) == ROUTED
    assert to("m", GivenFacts({b"x-team": "search"}), headers=headers) == PLAIN
    assert to("m", GivenFacts({b"x-team": "ops", b"x-any": "y"}), headers=headers) == PLAIN


@pytest.mark.parametrize(("tokens", "fits"), [(4, False), (5, True), (9, True), (10, False)])
def test_prompt_sizes(tokens: int, fits: bool) -> None:
    found = to("m", GivenFacts(prompt_tokens=tokens), promptTokens={"min": 5, "max": 9})
    assert found == (ROUTED if fits else PLAIN)


def test_all_capabilities_must_be_needed() -> None:
    both: JsonValue = ["tools", "json-schema"]
    assert (
        to("m", GivenFacts(needed=frozenset({"tools", "jsonschema", "audio"})), capabilities=both) == ROUTED
    )
    assert to("m", GivenFacts(needed=frozenset({"tools"})), capabilities=both) == PLAIN


def test_a_trace_tells_why_a_route_did_not_match() -> None:
    space = namespace_of(
        *SERVED,
        route("model", match={"models": ["n"], "taskTypes": ["t"]}),
        route("star", match={"models": ["x*"]}),
        route("task", match={"taskTypes": ["t"]}),
        route("header", match={"headers": [{"name": "X-Team", "value": "a"}]}),
        route("size", match={"promptTokens": {"min": 1}}),
        route("needs", match={"capabilities": ["audio"]}),
    )
    trace = Trace()
    decided(space, "m", trace=trace)
    assert dict(trace.missed) == {
        "star": "another model",
        "task": "another task type",
        "header": "header X-Team",
        "size": "another prompt size",
        "needs": "needs other capabilities",
    }
    assert trace.route is None
