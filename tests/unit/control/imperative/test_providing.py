import pytest

from reconciler.control.imperative.creation import Creation
from reconciler.control.imperative.providing import (
    Around,
    Linked,
    activate,
    around,
    binding_name,
    link,
    make_default,
    new_model,
    put,
    require_binding,
)
from reconciler.errors import Conflict, NotFound
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import Resource, ResourceKey

BOUND: JsonObject = {"model": "m", "provider": "p", "default": True}
THERE = Around("default", {"m", "n"}, {"m-p": BOUND, "n-p": {"model": "n", "provider": "p"}})


def spec_of(rewrite: object) -> JsonValue:
    assert isinstance(rewrite, Creation)
    made = rewrite.make()
    assert isinstance(made, dict)
    return made["spec"]


def specs(rewrites: object) -> dict[str, JsonValue]:
    assert isinstance(rewrites, dict)
    return {str(key): spec_of(rewrite) for key, rewrite in rewrites.items()}


def test_a_field_is_set_as_a_whole_and_taken_away() -> None:
    whole: JsonObject = {
        "kind": "Provider",
        "spec": {"config": {"apiKey": {"sealed": "v-1"}, "timeout": "9s"}},
    }
    wanted = put(
        {("config", "apiKey"): {"valueFrom": {"env": "A"}}, ("config", "timeout"): None, ("priority",): 3}
    )(whole)
    assert wanted == {
        "kind": "Provider",
        "spec": {"config": {"apiKey": {"valueFrom": {"env": "A"}}}, "priority": 3},
    }
    assert put({("config", "apiKey"): None, ("config", "timeout"): None})(whole) == {
        "kind": "Provider",
        "spec": {},
    }


def test_models_are_made_with_their_bindings() -> None:
    made = link(
        "p",
        [Linked("x", "y", default=False), Linked("org/x:1", fields={("weight",): 2}), Linked("m")],
        Around("default", {"m"}),
        make_models=True,
    )
    assert specs(made) == {
        "Model/x": {},
        "Binding/x-p": {"model": "x", "provider": "p", "upstreamModel": "y"},
        "Model/org-x-1": {"aliases": ["org/x:1"]},
        "Binding/org-x-1-p": {
            "model": "org-x-1",
            "provider": "p",
            "upstreamModel": "org/x:1",
            "weight": 2,
        },
        "Binding/m-p": {"model": "m", "provider": "p"},
    }


def test_one_default_a_provider() -> None:
    made = dict(link("p", [Linked("x", default=True)], THERE))
    before = made.pop(ResourceKey("Binding", "default", "m-p"))
    assert before is not None
    assert before({"spec": BOUND}) == {"spec": {"model": "m", "provider": "p"}}
    assert specs(made) == {"Binding/x-p": {"model": "x", "provider": "p", "default": True}}
    moved = make_default("p", "n", THERE)
    assert [str(key) for key in moved] == ["Binding/m-p", "Binding/n-p"]
    assert [str(key) for key in make_default("p", "m", THERE)] == ["Binding/m-p"]


def test_a_pair_is_bound_once() -> None:
    with pytest.raises(Conflict) as error:
        link("p", [Linked("m")], THERE)
    assert "Provider p serves Model m already, by Binding m-p" in error.value.told("routerctl")


def test_what_is_not_bound() -> None:
    assert require_binding("p", "m", THERE) == "m-p"
    with pytest.raises(NotFound, match="does not serve Model x\n  it serves: m, n"):
        require_binding("p", "x", THERE)
    with pytest.raises(NotFound, match="no Binding names it; bind one with: routerctl model link q MODEL"):
        require_binding("q", "m", THERE)


def test_names_of_bindings_are_free() -> None:
    assert binding_name("m", "p", {"M-P", "m-p-2"}) == "m-p-3"
    assert binding_name("m", "p", ()) == "m-p"


def test_a_model_answers_to_what_it_was_called() -> None:
    there = Around("team")
    ((key, rewrite),) = new_model("a/b", {("aliases",): ["c"], ("displayName",): "B"}, there).items()
    assert (key, spec_of(rewrite)) == (
        ResourceKey("Model", "team", "a-b"),
        {"displayName": "B", "aliases": ["a/b", "c"]},
    )


def test_the_active_provider_is_said_by_settings_made_where_there_are_none() -> None:
    ((key, rewrite),) = activate("p", "team").items()
    assert (str(key), spec_of(rewrite)) == ("Settings/team/default", {"activeProvider": "p"})
    assert rewrite is not None
    held: JsonObject = {"spec": {"defaultModel": "m"}}
    assert rewrite(held) == {"spec": {"defaultModel": "m", "activeProvider": "p"}}
    (no_longer,) = activate(None, "team").values()
    assert no_longer is not None
    assert spec_of(no_longer) == {}
    assert no_longer({"spec": {"activeProvider": "p"}}) == {"spec": {}}


def test_what_is_around() -> None:
    resources = [
        Resource(ResourceKey("Model", "default", "m"), {}),
        Resource(ResourceKey("Model", "team", "x"), {}),
        Resource(ResourceKey("Binding", "default", "b"), {"model": "m", "provider": "p"}),
    ]
    found = around("default", resources)
    assert (found.models, found.binding_of("p", "m"), found.binding_of("q", "m")) == ({"m"}, "b", None)
