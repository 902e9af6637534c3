import json

import pytest
from fakes.asked_providers import answer
from fakes.loop import on_loop
from fakes.serving import http_upstream
from fakes.upstream import Answer, FakeUpstream, ReceivedRequest

from reconciler.bootstrap.upstreams import listing
from reconciler.bootstrap.upstreams.asking import asking
from reconciler.bootstrap.upstreams.listing import Listing, discovery_of, list_models
from reconciler.provider_types.discovery import OPENAI, Detail, Discovery, Listed, Offered, Way, openai_models
from reconciler.snapshot.egress import OPEN

WAYS = (Way("/v1/models", "/other", openai_models), Way("/elsewhere", "/nowhere", openai_models))


async def listed(told: FakeUpstream, how: Discovery, *, details: bool = False) -> Listing:
    async with told, asking({}, OPEN, seconds=5) as asker:
        return await list_models(asker, http_upstream("up", told.url), how, details=details)


@on_loop
async def test_what_tells_more_is_asked_first() -> None:
    def both(request: ReceivedRequest) -> Answer:
        return answer({"data": [{"id": request.target}]})

    def usual(request: ReceivedRequest) -> Answer:
        return both(request) if request.target == "/v1/models" else answer({}, 404)

    for told, name in ((both, "/other"), (usual, "/v1/models")):
        found = await listed(FakeUpstream(told), Discovery(ways=WAYS))
        assert found.found is not None
        assert found.found.models == (Offered(name),)


@on_loop
async def test_a_key_that_is_refused_is_not_tried_again() -> None:
    refusing = FakeUpstream(Answer(status=401))
    found = await listed(refusing, Discovery(ways=WAYS))
    assert (found.found, found.reply.status, len(refusing.requests)) == (None, 401, 1)


@on_loop
async def test_details_are_asked_for_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_DETAILS", 1)

    def told(request: ReceivedRequest) -> Answer:
        if request.method == "GET":
            return answer({"data": [{"id": "a"}, {"id": "b"}]})
        return answer({"data": [{"id": json.loads(request.body)["model"], "context_length": 7}]})

    def read(model: Offered, body: bytes) -> Offered:
        return openai_models(body).models[0]

    found = await listed(FakeUpstream(told), Discovery(detail=Detail("/models", "/show", read)), details=True)
    assert found.found is not None
    assert found.found.models == (Offered("a", context_window=7), Offered("b"))


def test_types_list_as_they_say_and_others_as_openai_does() -> None:
    assert discovery_of("openai-compatible") is OPENAI
    assert discovery_of("unheard-of") is OPENAI
    assert discovery_of("ollama").detail is not None
    assert discovery_of("cli").read(b"") == Listed(())  # a program has no list, and is well all the same
