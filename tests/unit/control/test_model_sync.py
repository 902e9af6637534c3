from hypothesis import given
from hypothesis import strategies as st

from reconciler.control.model_sync import MANAGER, Choice, Clash, Gone, Proposer, Synced, rewrites
from reconciler.json_types import JsonValue
from reconciler.provider_types.discovery import Offered
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.resources.specs import invalid_fields
from reconciler.resources.state import State


def stored(kind: str, name: str, *managers: str, **spec: JsonValue) -> StoredResource:
    fields = tuple(FieldManager(each, "Update", {}, "") for each in managers)
    return StoredResource(Resource(ResourceKey(kind, "default", name), spec), name, 1, 1, "", 1, fields)


def proposed(*there: StoredResource, offered: tuple[Offered, ...], choice: Choice | None = None) -> Synced:
    return Proposer(State(there), "default").propose("up", offered, choice or Choice())


def made(found: Synced) -> dict[str, JsonValue]:
    return {f"{each.key.kind}/{each.key.name}": each.spec for each in found.resources}


def test_a_new_model_is_proposed_with_all_that_is_told_of_it() -> None:
    offered = Offered("acme/Large:free", "Large", "Good.", ("chat",), 8, 4, ("0.1", None, "2"))
    assert made(proposed(offered=(offered, Offered("plain"), Offered("q:latest")))) == {
        "Model/acme-Large-free": {
            "displayName": "Large",
            "description": "Good.",
            "capabilities": ["chat"],
            "contextWindow": 8,
            "maxOutputTokens": 4,
            "pricing": {"input": "0.1", "output": "2"},
            "aliases": ["acme/Large:free"],
        },
        "Binding/acme-Large-free-up": {
            "model": "acme-Large-free",
            "provider": "up",
            "upstreamModel": "acme/Large:free",
        },
        "Model/plain": {},
        "Binding/plain-up": {"model": "plain", "provider": "up"},
        "Model/q": {"aliases": ["q:latest"]},
        "Binding/q-up": {"model": "q", "provider": "up", "upstreamModel": "q:latest"},
    }


def test_what_is_served_is_left_and_a_model_that_is_there_is_bound() -> None:
    there = (
        stored("Model", "big", aliases=["acme/big"]),
        stored("Model", "all", aliases=["gpt-*"]),
        stored("Binding", "b1", model="big", provider="other"),
        stored("Binding", "b2", model="all", provider="up", upstreamModel="*"),
        stored("Binding", "b3", model="mine", provider="up", upstreamModel="theirs"),
    )
    found = proposed(*there, offered=(Offered("acme/big"), Offered("gpt-9"), Offered("theirs")))
    assert found.left == ("gpt-9", "theirs")
    assert made(found) == {"Binding/big-up": {"model": "big", "provider": "up", "upstreamModel": "acme/big"}}


def test_names_that_are_taken_are_told() -> None:
    there = (
        stored("Model", "Alpha"),
        stored("Model", "one"),
        stored("Binding", "x", model="one", provider="up", upstreamModel="1"),
    )
    offered = tuple(map(Offered, ("alpha", "one", "a/b", "a:b", "x*", "1")))
    found = proposed(*there, offered=offered)
    assert [each.model for each in found.clashes] == ["alpha", "one", "a:b", "x*"]
    assert "Model/Alpha" in found.clashes[0].reason
    assert "bound to up already" in found.clashes[1].reason
    assert "--prefix" in found.clashes[2].reason
    long = proposed(offered=(Offered("n" * 250),), choice=Choice(prefix="team/x-"))
    assert long.clashes == (Clash("n" * 250, "with the prefix its name is too long"),)


def test_globs_choose_and_a_prefix_stands_before_names() -> None:
    found = proposed(
        offered=tuple(map(Offered, ("qwen3", "llama3"))), choice=Choice(("qwen*", "none"), "gpu/")
    )
    assert made(found) == {
        "Model/gpu-qwen3": {"aliases": ["gpu/qwen3"]},
        "Binding/gpu-qwen3-up": {"model": "gpu-qwen3", "provider": "up", "upstreamModel": "qwen3"},
    }


def test_what_is_gone_is_told_and_pruned_only_where_the_sync_alone_wrote_it() -> None:
    there = (
        stored("Binding", "own", MANAGER, model="a", provider="up"),
        stored("Binding", "shared", MANAGER, "cli:ada", model="b", provider="up"),
        stored("Binding", "here", MANAGER, model="c", provider="up"),
        stored("Binding", "elsewhere", MANAGER, model="d", provider="other"),
    )
    found = proposed(*there, offered=(Offered("c"),), choice=Choice(("nothing",)))
    own, shared = (ResourceKey("Binding", "default", name) for name in ("own", "shared"))
    assert found.gone == (Gone(own, "a", prunable=True), Gone(shared, "b", prunable=False))
    assert (rewrites([found]), rewrites([found], prune=True)) == ({}, {own: None})
    proposer = Proposer(State(there), "default")
    assert proposer.propose("up", (), Choice()).gone == ()
    assert proposer.propose("up", (Offered("c"),), Choice(), more=True).gone == ()


def test_one_provider_finds_what_another_gained() -> None:
    proposer = Proposer(State(()), "default")
    first, second = (proposer.propose(name, (Offered("m"),), Choice()) for name in ("a", "b"))
    assert [each.key.name for each in (*first.resources, *second.resources)] == ["m", "m-a", "m-b"]
    assert list(rewrites([first, second])) == [each.key for each in (*first.resources, *second.resources)]


@given(
    st.lists(st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=12), max_size=12)
)
def test_whatever_it_offers_each_name_is_had_once_and_valid(names: list[str]) -> None:
    found = proposed(offered=tuple(map(Offered, dict.fromkeys(names))))
    keys = [(each.key.kind, each.key.name.casefold()) for each in found.resources]
    assert len(keys) == len(set(keys))
    assert all(invalid_fields(each.key.kind, each.spec) == () for each in found.resources)
