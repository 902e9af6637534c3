import json

import httpx2
import pytest
from fakes.states import stored
from fakes.store import provider

from reconciler.api.packing import pack_resources, pack_state
from reconciler.errors import Unreachable
from reconciler.json_types import JsonValue
from reconciler.remote.connection import Connection
from reconciler.remote.server import Server
from reconciler.remote.store import RemoteStore
from reconciler.resources.resource import ResourceKey
from reconciler.resources.state import State
from reconciler.store.records import Sought

KEY = ResourceKey("Provider", "default", "p")
P = stored(provider("p"))


class Server1:
    """Answers by path; `head` is what it says it is at."""

    def __init__(self, **answers: JsonValue) -> None:
        self.answers = {
            f"/v1/store/{name.replace('__', '/').replace('_', '-')}": told for name, told in answers.items()
        }
        self.head = 7
        self.seen: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.seen.append(request)
        at = request.headers.get("x-routerctl-at", str(self.head))
        headers = {"x-routerctl-at": at, "etag": f'"{at}-0"'}
        if request.headers.get("if-none-match") == headers["etag"]:
            return httpx2.Response(304, headers=headers)
        return httpx2.Response(200, headers=headers, json=self.answers[request.url.path])

    def store(self) -> RemoteStore:
        return RemoteStore(Connection(Server("http://127.0.0.1:1"), transport=httpx2.MockTransport(self)))


def test_questions_are_asked_as_they_are_declared() -> None:
    server = Server1(
        records__head=7,
        records__get=pack_resources([P]),
        records__find_revisions=[],
        records__state=pack_state(State([P], revision=7)),
        traffic__last=3,
    )
    store = server.store()
    assert store.records.head() == 7
    assert store.records.get(KEY, at=3) == P
    assert store.records.find_revisions(Sought(author="ada"), 5) == ()
    assert store.records.state() == State([P], revision=7)
    assert store.traffic.last() == 3
    head, get, find, *_ = server.seen
    assert (head.method, str(head.url.query)) == ("GET", "b''")
    assert get.url.params["key"] == '["Provider","default","p"]' or json.loads(get.url.params["key"])
    assert get.url.params["at"] == "3"
    assert (find.method, json.loads(find.content)) == ("POST", {"sought": {"author": "ada"}, "limit": 5})


def test_within_a_moment_all_answers_are_of_the_revision_of_the_first() -> None:
    server = Server1(records__head=7, records__compacted=0)
    records = server.store().records
    with records.consistent():
        records.head()
        server.head = 8
        with records.consistent():
            records.compacted()
        records.compacted()
    records.compacted()
    assert [each.headers.get("x-routerctl-at") for each in server.seen] == [None, "7", "7", None]


def test_what_still_holds_is_not_sent_again() -> None:
    server = Server1(records__state=pack_state(State([P], revision=7)))
    records = server.store().records
    first = records.state()
    assert records.state() is first
    assert [each.headers.get("if-none-match") for each in server.seen] == [None, '"7-0"']
    server.head = 8
    assert records.state() is not first


def test_few_answers_are_kept() -> None:
    server = Server1(records__state_at=pack_state(State([P], revision=7)))
    records = server.store().records
    for number in range(70):
        records.state_at(number)
    records.state_at(0)
    assert server.seen[-1].headers.get("if-none-match") is None


def test_an_answer_of_another_form_is_another_versions() -> None:
    with pytest.raises(
        Unreachable, match="can't answer this command: the document: a whole number is expected"
    ):
        Server1(records__head="seven").store().records.head()


def test_nothing_else_can_be_asked() -> None:
    with pytest.raises(AttributeError, match="nobody asks a server's records for vault_entries"):
        getattr(Server1().store().records, "vault_entries")()  # noqa: B009  it is not declared
