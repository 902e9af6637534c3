import asyncio
from pathlib import Path

import pytest
from fakes.asked_providers import KEY, Here, Models, answer, resource, upstream
from fakes.loop import on_loop
from fakes.ollama import FakeOllama
from fakes.store import provider
from fakes.upstream import Answer, Ending, FakeUpstream, ReceivedRequest

from reconciler.bootstrap.provider_test import Asked, examine_provider
from reconciler.control.provider_report import ProviderReport
from reconciler.errors import NotFound
from reconciler.resources.resource import Resource, ResourceKey


async def examined(
    folder: Path, *resources: Resource, asked: Asked | None = None, **environ: str
) -> ProviderReport:
    """Of the first, in a thread of its own, as its callers do."""

    def run() -> ProviderReport:
        with Here(folder, *resources, **environ) as around:
            return examine_provider(around, resources[0].key, asked)

    report = await asyncio.to_thread(run)
    assert KEY not in repr(report)
    return report


def outcomes(report: ProviderReport) -> dict[str, str]:
    return {each.check: each.outcome for each in report.checks}


@on_loop
async def test_one_that_is_well_lists_its_models_and_chats_where_that_is_asked_for(tmp_path: Path) -> None:
    bindings = (
        resource("Model", "m"),
        resource("Binding", "m-up", model="m", provider="up", upstreamModel="two", default=True),
        resource("Binding", "gone", model="m", provider="up", upstreamModel="gone"),
        resource("Binding", "any", model="m", provider="up", upstreamModel="*"),
    )
    async with Models("one", "two") as up:
        report = await examined(
            tmp_path, upstream("up", up.url, enabled=False), *bindings, asked=Asked(chat=True)
        )
    assert report.ok
    assert (report.enabled, report.type, report.failure) == (False, "openai-compatible", None)
    assert outcomes(report) == dict.fromkeys(("built", "reachable", "authenticated", "models", "chat"), "ok")
    assert (report.models, report.missing, report.answer) == (("one", "two"), ("gone",), "pong ***")
    assert report.seconds is not None
    assert [asked["model"] for asked in up.asked] == ["two"]


@on_loop
async def test_without_chat_no_tokens_are_spent(tmp_path: Path) -> None:
    async with Models("one") as up:
        report = await examined(tmp_path, upstream("up", up.url))
    assert "chat" not in outcomes(report)
    assert [request.target for request in up.requests] == ["/v1/models"]


@on_loop
async def test_a_key_that_is_refused_is_not_told(tmp_path: Path) -> None:
    async with Models() as up:
        wrong = await examined(
            tmp_path / "1", upstream("up", up.url), UP_API_KEY="sk-wrong-wrong-wrong-wrong"
        )
        bare = upstream("up", up.url, config={"baseURL": up.url})
        none = await examined(tmp_path / "2", bare)
    assert wrong.failure is not None
    assert (wrong.failure.check, wrong.failure.message) == (
        "authenticated",
        "the key is refused (status 401)",
    )
    assert outcomes(wrong)["models"] == "skipped"
    assert none.failure is not None
    assert "wants a key" in none.failure.message
    assert "sk-wrong" not in repr(wrong)


@on_loop
async def test_who_is_off_by_a_version_is_told_where_it_is(tmp_path: Path) -> None:
    async with Models("one") as up:
        report = await examined(tmp_path, upstream("up", up.url.removesuffix("/v1")))
        url, lost = up.url, await examined(tmp_path / "2", upstream("up", f"{up.url}/lost"))
    assert report.failure is not None
    assert report.failure.hint == f"write baseURL: {url}"
    assert lost.failure is not None
    assert "/v1" in lost.failure.hint


@on_loop
async def test_who_can_not_be_reached_is_told_why(tmp_path: Path) -> None:
    async with FakeUpstream(Answer((Ending.HANG,), head=b"")) as silent:
        late = await examined(tmp_path / "1", upstream("up", silent.url), asked=Asked(seconds=0.2))
    for number, (url, words, hint) in enumerate(
        (
            ("http://127.0.0.1:9/v1", "connection refused", "is it started"),
            ("http://no-such-host.invalid/v1", "does not resolve", "check the host"),
            ("http://169.254.1.1/v1", "no provider may be there", ""),
        )
    ):
        report = await examined(tmp_path / f"x{number}", upstream("up", url))
        assert report.failure is not None
        assert words in report.failure.message, url
        assert hint in report.failure.hint
    assert late.failure is not None
    assert (late.failure.message, outcomes(late)["models"]) == ("no answer within 0.2 s", "skipped")


@on_loop
async def test_what_is_no_list_of_models_is_told(tmp_path: Path) -> None:
    answers = {
        "no JSON": Answer((b"<html>",)),
        "no list": answer({"hello": 1}),
        "redirects": Answer(status=302, headers=(("location", "https://elsewhere.example"),)),
        "status 500: out of order ***": answer({"error": {"message": f"out of order\n{KEY}"}}, 500),
        "status 503": Answer((b"[]",), status=503),
        "the connection": Answer((b"{", Ending.CUT)),
    }
    for number, (words, given) in enumerate(answers.items()):
        async with FakeUpstream(given) as up:
            report = await examined(tmp_path / str(number), upstream("up", up.url))
        assert report.failure is not None
        assert words in report.failure.message
        assert (report.failure.check, outcomes(report)["reachable"]) == ("models", "ok")


@on_loop
async def test_what_can_not_be_built_is_told_and_not_asked(tmp_path: Path) -> None:
    up = provider("up", type="openai-compatible", config={
        "baseURL": "http://127.0.0.1:9/v1", "apiKey": {"valueFrom": {"env": "NOT_THERE_API_KEY"}}
    })  # fmt: skip
    report = await examined(tmp_path, up)
    assert report.failure is not None
    assert (report.failure.check, "NOT_THERE_API_KEY" in report.failure.message) == ("built", True)
    assert outcomes(report) == {
        "built": "failed",
        **dict.fromkeys(("reachable", "authenticated", "models"), "skipped"),
    }


@on_loop
async def test_a_chat_that_fails_is_told(tmp_path: Path) -> None:
    def told(request: ReceivedRequest) -> Answer:
        if request.method == "GET":
            return answer({"data": [{"id": "m"}]})
        return next(said)

    said = iter((
        answer({"error": {"message": "use max_completion_tokens"}}, 400),
        answer({"error": {"message": "no such model"}}, 404),
        answer({"choices": []}),
        answer({"error": "no"}, 403),
        Answer((Ending.CUT,)),
    ))  # fmt: skip
    async with FakeUpstream(told) as up:
        for number, words in enumerate(("no such model", "no chat completion", "403", "m: ")):
            report = await examined(tmp_path / str(number), upstream("up", up.url), asked=Asked(chat=True))
            assert report.failure is not None
            assert (report.failure.check, words in report.failure.message) == ("chat", True)
    assert b"max_completion_tokens" in up.requests[2].body


@on_loop
async def test_ollama_and_the_simulator_answer_in_their_own_ways(tmp_path: Path) -> None:
    async with FakeOllama() as ollama:
        up = provider("up", type="ollama", config={"baseURL": ollama.root})
        report = await examined(tmp_path / "1", up, asked=Asked(chat=True, model="llama3.2"))
    assert report.answer is not None
    assert "pong" in report.answer
    assert "llama3.2:latest" in report.models
    simulated = await examined(tmp_path / "2", provider("sim", config={}), asked=Asked(chat=True, model="m"))
    assert simulated.ok
    unnamed = await examined(tmp_path / "3", provider("sim", config={}), asked=Asked(chat=True))
    assert outcomes(unnamed)["chat"] == "skipped"


def test_one_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    with (
        Here(tmp_path, provider("sim", config={})) as around,
        pytest.raises(NotFound, match="Provider/other") as error,
    ):
        examine_provider(around, ResourceKey("Provider", "default", "other"))
    assert "there is sim" in str(error.value)
