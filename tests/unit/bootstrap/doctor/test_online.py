import pytest
from fakes.loop import on_loop
from fakes.serving import candidate, http_upstream, namespace, served, simulator, snapshot
from fakes.upstream import Answer, Ending, FakeUpstream, ReceivedRequest

from reconciler.api.upkeep import Finding
from reconciler.bootstrap.doctor import online
from reconciler.bootstrap.doctor.online import online_findings


async def asked(*urls: str) -> list[Finding]:
    candidates = [candidate(http_upstream(f"up{n}", url)) for n, url in enumerate(urls)]
    return await online_findings(snapshot(namespace(served("m", *candidates))), {})


@on_loop
async def test_each_answer_means_something() -> None:
    said = {200: "ok", 401: "error", 403: "error", 302: "warning", 500: "warning"}
    for status, level in said.items():
        async with FakeUpstream(Answer(status=status)) as upstream:
            (found,) = await asked(upstream.url)
        assert (found.level, found.check) == (level, "online"), status
        assert [request.target for request in upstream.requests] == ["/v1/models"]


@on_loop
async def test_who_moved_by_a_version_is_found_at_its_own_host() -> None:
    def with_version(request: ReceivedRequest) -> Answer:
        return Answer(status=200 if request.target == "/v1/models" else 404)

    def without(request: ReceivedRequest) -> Answer:
        return Answer(status=200 if request.target == "/models" else 404)

    async with (
        FakeUpstream(with_version) as one,
        FakeUpstream(without) as other,
        FakeUpstream(Answer(status=404)) as none,
    ):
        bare = one.url.removesuffix("/v1")
        without_it = other.url.removesuffix("/v1")
        first, second, third = await asked(bare, other.url, none.url)
    assert (first.level, first.todo) == ("error", f"write baseURL: {bare}/v1")
    assert (second.level, second.todo) == ("error", f"write baseURL: {without_it}")
    assert (third.level, "/v1" in third.todo) == ("warning", True)


@on_loop
async def test_who_is_not_there_or_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(online, "SECONDS", 0.2)
    async with FakeUpstream(Answer((Ending.HANG,), head=b"")) as silent:
        refused, late = await asked("http://127.0.0.1:9/v1", silent.url)
    assert (refused.level, "refused" in refused.message) == ("error", True)
    assert (late.level, "no answer" in late.message) == ("error", True)


@on_loop
async def test_a_simulator_is_always_there() -> None:
    (found,) = await online_findings(snapshot(namespace(served("m", candidate(simulator("sim"))))), {})
    assert found.level == "ok"
