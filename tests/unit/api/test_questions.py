import json

import pytest
from fakes.states import stored
from fakes.store import provider

from reconciler.api.questions import QUESTIONS
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject
from reconciler.resources.principal import Role
from reconciler.resources.resource import ResourceKey
from reconciler.store.leases import Counter
from reconciler.store.ledger import Usage
from reconciler.store.records import Event, Revision, Sought

P = stored(provider("p"))
REVISION = Revision(
    1,
    0,
    "2026-01-01T00:00:00Z",
    "ada",
    None,
    "c" * 40,
    dirty=True,
    message="m",
    operation="apply",
    digest="sha256:1",
)
EVENT = Event(4, 1, "ADDED", P.key, None, "sha256:2")
ANSWERS: dict[tuple[str, str], object] = {
    ("records", "head"): 7,
    ("records", "get"): P,
    ("records", "list"): (P,),
    ("records", "revision"): REVISION,
    ("records", "find_revision"): None,
    ("records", "logged"): ((EVENT, REVISION),),
    ("records", "event_counts"): {1: {"ADDED": 2}},
    ("records", "require_contents"): None,
    ("records", "sources"): frozenset({"a", "b"}),
    ("observing", "usage"): {"Provider/p maxConcurrent": Usage(held=3, used=1)},
    ("observing", "counted_since"): 2.0,
}


@pytest.mark.parametrize("asked", sorted(ANSWERS))
def test_an_answer_comes_back_as_it_was(asked: tuple[str, str]) -> None:
    question = QUESTIONS[asked]
    travelled = json.loads(json.dumps(question.write(ANSWERS[asked])))
    assert question.read(travelled) == ANSWERS[asked]


def test_arguments_travel_where_they_are_not_as_usual() -> None:
    get = QUESTIONS["records", "get"]
    assert get.bound((P.key,), {"at": None}) == {
        "key": {"kind": "Provider", "namespace": "default", "name": "p"}
    }
    assert get.read_arguments(get.bound((P.key,), {"at": 3})) == {"key": P.key, "at": 3}
    find = QUESTIONS["records", "find_revisions"]
    sought = Sought(keys=(P.key,), since="2026-01-01T00:00:00Z")
    assert find.read_arguments(find.bound((sought, 5), {})) == {"sought": sought, "limit": 5}
    usage = QUESTIONS["observing", "usage"]
    counters = (Counter("Provider/p x", 4, 60.0),)
    assert usage.read_arguments(usage.bound((counters,), {})) == {"counters": counters}


@pytest.mark.parametrize(
    "arguments", [{}, {"key": 7}, {"key": {"kind": "a"}}, {"key": {}, "x": 1}, {"key": ["a", "b", 1]}]
)
def test_arguments_of_another_form_are_refused(arguments: JsonObject) -> None:
    with pytest.raises(InvalidInput):
        QUESTIONS["records", "get"].read_arguments(arguments)


def test_two_resources_are_not_one() -> None:
    both = QUESTIONS["records", "list"].write((P, stored(provider("q"))))
    with pytest.raises(InvalidInput):
        QUESTIONS["records", "get"].read(both)


def test_what_may_be_asked_is_a_closed_list_and_none_of_it_writes_or_opens() -> None:
    assert len({question.path for question in QUESTIONS.values()}) == len(QUESTIONS)
    names = {name for _, name in QUESTIONS}
    assert not names & {
        "commit",
        "vault_entries",
        "vault_fingerprints",
        "key_ids",
        "unsigned",
        "versions",
        "tokens",
    }
    assert {name for (_, name), question in QUESTIONS.items() if question.role is not Role.VIEWER} == {
        "bodies",
        "audit",
        "verified",
    }
    assert (
        ResourceKey("a", "b", "c")
        == QUESTIONS["records", "get"].read_arguments({"key": {"kind": "a", "namespace": "b", "name": "c"}})[
            "key"
        ]
    )
