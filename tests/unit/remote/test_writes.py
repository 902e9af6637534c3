"""That a server does what a store here would is told by tests/behaviour/both_ways; here is what comes between."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from fakes.workshop import Workshop, simulator

from reconciler.api.writes import Change
from reconciler.control.imperative.creation import Creation, new
from reconciler.errors import Conflict, InvalidInput, NotFound, Stale, StoreError, Unreachable
from reconciler.json_types import JsonObject, JsonValue
from reconciler.remote.connection import Connection
from reconciler.remote.server import Server
from reconciler.remote.writes import RemoteWrites
from reconciler.resources.resource import Resource, ResourceKey, StoredResource

KEY = ResourceKey("Model", "default", "m")
NONE = ResourceKey("Model", "default", "none")
CHANGED: JsonObject = {
    "changed": {
        "proposal": {
            "plan": {"base": 1},
            "state": [1, []],
            "entries": {},
            "unknown": [],
            "unsealed": [],
        }
    }
}


class Served:
    """A server of one Model; `stale` times somebody changes it in between."""

    def __init__(self, *, stale: int = 0, answer: JsonObject = CHANGED) -> None:
        self.sent: list[JsonObject] = []
        self.paths: list[str] = []
        self._stale = stale
        self._answer = answer
        self._version = 7

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.paths.append(request.url.path)
        self.sent.append(json.loads(request.content or b"{}"))
        if self._stale:
            self._stale -= 1
            self._version += 1
            problem = {"code": "stale", "detail": "changed in between"}
            return httpx2.Response(
                409, headers={"content-type": "application/problem+json"}, content=json.dumps(problem)
            )
        return httpx2.Response(200, json=self._answer)

    def stored(self, key: ResourceKey) -> StoredResource | None:
        if key != KEY:
            return None
        return StoredResource(Resource(KEY, {"contextWindow": 1}), "u", 1, self._version, "t", 1)

    def writes(self) -> RemoteWrites:
        transport = httpx2.MockTransport(self)
        return RemoteWrites(Connection(Server("http://127.0.0.1:1"), transport=transport), self.stored)

    def versions(self) -> list[JsonValue]:
        found = []
        for body in self.sent:
            items = body["items"]
            assert isinstance(items, list)
            found += [_at(item, "wanted", "metadata", "resourceVersion") for item in items]
        return found


def _at(value: JsonValue, *names: str) -> JsonValue:
    for name in names:
        assert isinstance(value, dict)
        value = value[name]
    return value


def larger(target: JsonObject) -> JsonValue:
    return {**target, "spec": {"contextWindow": 2}}


def test_a_change_is_made_anew_from_what_is_stored() -> None:
    served = Served(stale=2)
    done = served.writes().change(Change("patch", {KEY: larger}))
    assert (done.proposal.plan.base, done.revision) == (1, None)
    assert served.versions() == ["7", "8", "9"]
    with pytest.raises(StoreError, match="100 times"):
        Served(stale=200).writes().change(Change("patch", {KEY: larger}))


def test_what_may_be_known_here_is_not_asked() -> None:
    served = Served()
    writes = served.writes()

    def older(target: JsonObject) -> JsonValue:
        return {**target, "metadata": {"name": "m", "resourceVersion": "3"}}

    for error, rewrites in (
        (Stale, {KEY: older}),
        (NotFound, {NONE: larger}),
        (InvalidInput, {KEY: lambda _: []}),
        (InvalidInput, {NONE: Creation(NONE, list)}),
        (Conflict, {KEY: new(KEY, {})}),
    ):
        with pytest.raises(error):
            writes.change(Change("patch", rewrites))
    assert served.sent == []


def test_what_is_not_there_is_made_or_left_out() -> None:
    served = Served()
    served.writes().change(Change("delete", {NONE: larger, KEY: None}, ignore_missing=True))
    served.writes().change(Change("secret set", {NONE: new(NONE, {"a": 1})}))
    gone, made = served.sent
    assert gone["items"] == [{"key": {"kind": "Model", "namespace": "default", "name": "m"}}]
    assert made["items"] == [
        {
            "key": {"kind": "Model", "namespace": "default", "name": "none"},
            "wanted": new(NONE, {"a": 1}).make(),
            "creates": True,
        }
    ]


def test_another_versions_answer_is_told_as_such(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", simulator())
    wanted = shop.wanted()
    shop.close()
    asks: list[Callable[[RemoteWrites], object]] = [
        lambda writes: writes.consider(wanted, None),
        lambda writes: writes.apply(wanted, None, ""),
        lambda writes: writes.plan(wanted, None, ()),
        lambda writes: writes.change(Change("delete", {KEY: None})),
        lambda writes: writes.tokens(),
        lambda writes: writes.reloading(),
    ]
    for ask in asks:
        with pytest.raises(Unreachable, match="of its answer"):
            ask(Served(answer={"changed": {"zzz": 1}, "tokens": 1, "considered": {}, "plan": {}}).writes())
    with pytest.raises(Unreachable, match="no object"):
        Served(answer=[]).writes().tokens()  # type: ignore[arg-type]  # no answer of ours
