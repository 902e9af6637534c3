"""The openai SDK, over a real gateway, against programs on its machine."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import openai
import pytest
from fakes.programs import program, script
from fakes.running import running, served_by, wait
from fakes.server import Gateway
from fakes.serving import built, candidate, namespace, served, simulator, snapshot
from fakes.waiting import until
from openai.types.chat import ChatCompletionFunctionToolParam, ChatCompletionMessageParam

from reconciler.provider_types.cli import CLI
from reconciler.provider_types.cli_config import CliConfig
from reconciler.snapshot.model import Upstream

Messages = list[ChatCompletionMessageParam]
HELLO: Messages = [{"role": "user", "content": "hello there"}]
CALL = "<echo><text>two words</text></echo>"
TOOLS: list[ChatCompletionFunctionToolParam] = [
    {
        "type": "function",
        "function": {
            "name": "echo",
            "parameters": {"type": "object", "properties": {"text": {"type": "string"}}},
        },
    }
]
SCRIPTS = {
    "echoes": ('printf "%s says: " "$2"', "cat"),
    "cuts": (r"cat > read; printf '\342'; sleep 0.02; printf '\202\254 1 '; sleep 0.02; printf 'two\n'",),
    "calls": (f"cat > read; echo '{CALL}'",),
    "fails": ("cat > read; echo no quota >&2; exit 4",),
    "breaks": ("cat > read; printf 'so far'; exit 4",),
    "silent": ("cat > read",),
    "waits": ('printf begun; sleep 1000 & echo $! >> "$HOME/pids"; echo $$ >> "$HOME/pids"; wait',),
}


def upstream(folder: Path, name: str, **config: object) -> Upstream:
    path = script(folder, name, *SCRIPTS[name])
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(folder)}
    run = program(path, environ, args=["--model", "{model}"], **config)
    made = CLI.build(CliConfig.model_validate({"executable": str(path), "toolCalling": "xml"}), {})
    return replace(built(name, made, CLI.transport, endpoints=CLI.endpoints), program=run)


@asynccontextmanager
async def gateway(folder: Path) -> AsyncIterator[Gateway]:
    made = {name: replace(candidate(upstream(folder, name)), upstream_model="m") for name in SCRIPTS}
    spare = replace(candidate(simulator("spare", text="from the spare")), upstream_model="m")
    models = [served(name, each) for name, each in made.items()]
    models += [served(f"{name}-or", made[name], spare) for name in ("fails", "silent", "breaks")]
    async with Gateway(snapshot(namespace(*models))) as serving:
        yield serving


def with_programs(folder: Path, scenario: Callable[[openai.AsyncOpenAI, Gateway], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with gateway(folder) as serving, serving.client() as client:
            await scenario(client, serving)

    asyncio.run(whole())


async def said(client: openai.AsyncOpenAI, model: str, messages: Messages = HELLO) -> str:
    answer = await client.chat.completions.create(model=model, messages=messages)
    return answer.choices[0].message.content or ""


async def streamed(client: openai.AsyncOpenAI, model: str) -> tuple[list[str], str]:
    """What a stream says, piece by piece, and the error that it ends with."""
    text: list[str] = []
    try:
        async for chunk in await client.chat.completions.create(model=model, messages=HELLO, stream=True):
            text += [choice.delta.content for choice in chunk.choices if choice.delta.content]
    except openai.APIError as error:
        return text, error.message
    return text, ""


def test_plain_streamed_completions_and_tools(tmp_path: Path) -> None:
    async def scenario(client: openai.AsyncOpenAI, _: Gateway) -> None:
        assert await said(client, "echoes") == "m says: hello there"
        turns: Messages = [
            *HELLO,
            {"role": "assistant", "content": "Hi."},
            {"role": "user", "content": "Go on."},
        ]
        assert (await said(client, "echoes", turns)).endswith(
            "Assistant:\nHi.\n\nUser:\nGo on.\n\nAssistant:"
        )
        pieces, error = await streamed(client, "cuts")
        assert ("".join(pieces), error) == ("\N{EURO SIGN} 1 two", "")
        completion = await client.completions.create(model="echoes", prompt="once upon")
        assert completion.choices[0].text == "m says: once upon"
        answer = await client.chat.completions.create(model="calls", messages=HELLO, tools=TOOLS)
        assert answer.choices[0].finish_reason == "tool_calls"
        (call,) = answer.choices[0].message.tool_calls or []
        assert call.type == "function"
        assert json.loads(call.function.arguments) == {"text": "two words"}
        with pytest.raises(openai.NotFoundError):
            await client.embeddings.create(model="echoes", input="x")

    with_programs(tmp_path, scenario)


def test_failures_are_told_or_the_next_one_answers(tmp_path: Path) -> None:
    async def scenario(client: openai.AsyncOpenAI, _: Gateway) -> None:
        with pytest.raises(openai.InternalServerError, match="exit code 4: no quota"):
            await said(client, "fails")
        for model in ("fails-or", "silent-or", "breaks-or"):
            assert await said(client, model) == "from the spare"
        pieces, error = await streamed(client, "breaks")
        assert ("".join(pieces), bool(error)) == ("so far", True)

    with_programs(tmp_path, scenario)


def test_a_client_that_leaves_ends_the_program_and_all_that_it_started(tmp_path: Path) -> None:
    async def scenario(client: openai.AsyncOpenAI, _: Gateway) -> None:
        stream = await client.chat.completions.create(model="waits", messages=HELLO, stream=True)
        async for chunk in stream:
            if chunk.choices[0].delta.content:
                break
        await until(lambda: len(pids(tmp_path)) == 2)
        await stream.close()
        await until(lambda: not any(map(lives, pids(tmp_path))), "the end of both")

    with_programs(tmp_path, scenario)


def pids(folder: Path) -> list[int]:
    path = folder / "pids"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_the_real_gateway_runs_what_it_is_started_for_and_a_killed_worker_leaves_nothing(
    tmp_path: Path,
) -> None:
    allowed, other = script(tmp_path, "waits", *SCRIPTS["waits"]), script(tmp_path, "other", "cat")
    manifests = tmp_path / "m.yaml"
    types = {"waits": allowed, "other": other}
    manifests.write_text(
        "".join(
            served_by(name, {"type": "cli", "config": {"executable": str(path)}})
            for name, path in types.items()
        )
    )
    db = tmp_path / "s.db"
    options = ("up", "-f", str(manifests), "--workers", "1", "--allow-exec", str(allowed))
    with running(*options, db=db, env={"HOME": str(tmp_path)}) as serving:
        refused = {each["provider"]: each["reason"] for each in serving.live()[0]["refused"]}
        assert f"start with --allow-exec {other}" in refused["Provider/other"]
        body = {"model": "waits", "messages": HELLO, "stream": True}
        with serving.client.stream("POST", f"{serving.data_url}/v1/chat/completions", json=body) as answer:
            assert answer.status_code == 200
            wait(lambda: len(pids(tmp_path)) == 2, "the program")
            (worker,) = serving.pids()
            os.kill(worker, signal.SIGKILL)
            wait(lambda: not any(map(lives, pids(tmp_path))), "the end of what it ran")
