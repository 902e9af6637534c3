import asyncio
from pathlib import Path

import pytest
from fakes.asked_providers import KEY, Here, Models, answer, resource, upstream
from fakes.loop import on_loop
from fakes.store import provider
from fakes.upstream import Answer, FakeUpstream, ReceivedRequest

from reconciler.bootstrap.model_sync import sync_models
from reconciler.control.model_sync import Choice, Synced
from reconciler.errors import NotFound
from reconciler.resources.resource import Resource


async def synced(
    folder: Path, *resources: Resource, names: tuple[str, ...] = (), **environ: str
) -> tuple[Synced, ...]:
    def run() -> tuple[Synced, ...]:
        with Here(folder, *resources, **environ) as around:
            return sync_models(around, "default", names, Choice(), seconds=5)

    found = await asyncio.to_thread(run)
    assert KEY not in repr(found)
    return found


@on_loop
async def test_all_that_are_enabled_are_asked_and_the_problems_of_one_are_its_own(tmp_path: Path) -> None:
    answers = FakeUpstream(answer({"error": {"message": "out of order"}}, 500))
    async with Models("one", "two ", "two") as up, Models() as strict, answers as broken:
        found = await synced(
            tmp_path,
            upstream("a", up.url),
            upstream("b", strict.url, config={"baseURL": strict.url}),
            upstream("c", broken.url),
            upstream("d", "http://127.0.0.1:9/v1"),
            upstream("e", up.url, enabled=False),
            upstream("f", up.url, config={"baseURL": up.url, "apiKey": {"valueFrom": {"env": "NO_API_KEY"}}}),
            upstream("g", f"{up.url}/lost"),
        )
    problems = {each.provider.name: each.problem or "" for each in found}
    assert [*problems] == ["a", "b", "c", "d", "f", "g"]
    assert (found[0].offered, found[0].unusable, len(found[0].resources)) == (2, 1, 4)
    for name, words in (
        ("b", "key"),
        ("c", "out of order"),
        ("d", "refused"),
        ("f", "NO_API_KEY"),
        ("g", "404"),
    ):
        assert words in problems[name], name


@on_loop
async def test_ollama_and_lm_studio_tell_more(tmp_path: Path) -> None:
    def studio(request: ReceivedRequest) -> Answer:
        rows = [{"id": "v", "type": "vlm", "capabilities": ["chat"], "max_context_length": 8}]
        return answer({"data": rows} if request.target == "/api/v0/models" else {})

    def ollama(request: ReceivedRequest) -> Answer:
        if request.method == "GET":
            return answer({"models": [{"name": "q:latest"}, {"name": "odd"}, {"name": "bad"}]})
        if b"odd" in request.body:
            return answer({}, 500)
        if b"bad" in request.body:
            return answer([])
        return answer(
            {
                "capabilities": ["completion"],
                "model_info": {"general.architecture": "x", "x.context_length": 9},
            }
        )

    async with FakeUpstream(studio) as one, FakeUpstream(ollama) as two, Models("m") as old:
        found = await synced(
            tmp_path,
            provider("a", type="lm-studio", config={"baseURL": one.url}),
            provider("b", type="ollama", config={"baseURL": two.url}),
            upstream("c", old.url, "lm-studio"),
        )
    models = {each.key.name: each.spec for one in found for each in one.resources if each.key.kind == "Model"}
    assert models["v"] == {"capabilities": ["chat", "vision", "json-schema"], "contextWindow": 8}
    assert models["q"] == {
        "aliases": ["q:latest"],
        "capabilities": ["chat", "json-schema"],
        "contextWindow": 9,
    }
    assert [models[name] for name in ("odd", "bad", "m")] == [{}, {}, {}]


@on_loop
async def test_who_is_named_is_asked_also_where_it_is_disabled(tmp_path: Path) -> None:
    async with Models("one") as up:
        binding = resource("Binding", "b", model="gone", provider="a")
        found = await synced(tmp_path, upstream("a", up.url, enabled=False), binding, names=("a", "a"))
    assert [each.provider.name for each in found] == ["a"]
    assert [gone.model for gone in found[0].gone] == ["gone"]


def test_one_that_is_not_there_is_named(tmp_path: Path) -> None:
    with Here(tmp_path, provider("sim", config={})) as around, pytest.raises(NotFound) as error:
        sync_models(around, "default", ("other",), Choice())
    assert "there is sim" in str(error.value)
    assert "other" in str(error.value)
