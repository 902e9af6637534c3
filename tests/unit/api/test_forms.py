from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Literal

import pytest

from reconciler.api.forms import from_json, to_json
from reconciler.control.manifest.document import Location, Problem
from reconciler.control.outcome import Broken
from reconciler.control.plan.model import Action, Change, Plan
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource
from reconciler.resources.state import State

KEY = ResourceKey("Model", "default", "m")
STORED = StoredResource(
    Resource(KEY, {"aliases": ["a"], "x": None, "n": True}),
    "uid",
    2,
    7,
    "2026-01-01T00:00:00Z",
    3,
    (FieldManager("cli:ada", "Apply", {"f:spec": {}}, "2026-01-01T00:00:00Z"),),
)


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Many:
    name: str
    at_all: bool = False
    count: int = 0
    share: float = 0.5
    colour: Colour = Colour.RED
    word: Literal["one", "two"] = "one"
    when: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    where: Path = Path("/")
    data: bytes = b""
    spec: JsonObject = field(default_factory=dict)
    any: JsonValue = None
    items: tuple[int, ...] = ()
    pair: tuple[str, int] = ("", 0)
    names: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)
    by_key: Mapping[ResourceKey, int] = field(default_factory=dict)
    listed: Sequence[int] = ()
    maybe: int | None = None
    nothing: None = None
    hidden: str = field(default="", init=False)


FULL = Many(
    "n",
    at_all=True,
    count=3,
    share=1.0,
    word="two",
    when=datetime(2026, 2, 2, tzinfo=UTC),
    where=Path("/x"),
    data=b"\xff",
    spec={"a": [1, {"b": None}]},
    any=["x"],
    items=(1, 2),
    pair=("x", 1),
    names=frozenset({"b", "a"}),
    texts={"a": "b"},
    by_key={KEY: 1},
    listed=(4,),
    maybe=5,
)


def test_what_is_written_is_read_again() -> None:
    told = to_json(FULL, Many)
    assert isinstance(told, dict)
    assert (told["atAll"], told["names"], told["pair"]) == (True, ["a", "b"], ["x", 1])
    assert from_json(told, Many) == FULL
    assert to_json(Many("n"), Many) == {"name": "n"}
    assert from_json({"name": "n"}, Many) == Many("n")


def test_a_plan_and_a_state_travel() -> None:
    plan = Plan(3, (Change(Action.UPDATE, KEY, STORED, STORED.resource),), releases=((KEY, "git"),))
    assert from_json(to_json(plan, Plan), Plan) == plan
    state: State = from_json(to_json(State([STORED], revision=4), State), State)
    assert (state.revision, dict(state)) == (4, {KEY: STORED})


def test_an_error_travels_with_its_places() -> None:
    broken = Broken([Problem(Location("a.yaml", 1, 2), "no", KEY)], stranded=True)
    found: Broken = from_json(to_json(broken, Broken), Broken)
    assert (found.problems, found.stranded, str(found)) == (broken.problems, True, str(broken))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", 1, "name: a text"),
        ("atAll", "yes", "atAll: true or false"),
        ("count", True, "count: a whole number"),
        ("count", 1.5, "count: a whole number"),
        ("share", "x", "share: a number"),
        ("colour", "blue", "colour: one of red"),
        ("colour", [], "colour: one of red"),
        ("word", "three", "word: one of one, two"),
        ("when", "soon", "when: a time"),
        ("data", "*", "data: base64"),
        ("data", 1, "data: base64"),
        ("spec", [], "spec: an object"),
        ("items", 1, "items: a list"),
        ("items", ["x"], r"items\[0\]: a whole number"),
        ("pair", [1], "pair: a list of 2"),
        ("texts", [], "texts: an object"),
        ("texts", {"a": 1}, "texts.a: a text"),
        ("byKey", {}, "byKey: a list of pairs"),
        ("nothing", 1, "nothing: null"),
        ("zzz", 1, "zzz: there is no such field"),
        ("at_all", True, "at_all: there is no such field"),
    ],
)
def test_what_is_of_another_form_is_told_by_its_place(field: str, value: JsonValue, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        from_json({"name": "n", field: value}, Many)


def test_what_is_missing_is_told() -> None:
    with pytest.raises(InvalidInput, match=r"\[0\]\.namespace: is missing"):
        from_json([{"kind": "Model", "name": "m"}], tuple[ResourceKey, ...])
    with pytest.raises(InvalidInput, match="the document: an object"):
        from_json([], Many)
    with pytest.raises(InvalidInput, match="a revision and its resources"):
        from_json([1], State)


def test_what_has_no_form_is_a_mistake_of_ours() -> None:
    for kind in (int | str, object.__class__, type[int]):
        with pytest.raises(TypeError, match="no form"):
            to_json(1, kind)
