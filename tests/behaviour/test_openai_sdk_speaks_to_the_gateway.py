"""The real openai SDK, sync and async, against the real app under a real uvicorn."""

import asyncio
import base64

import openai
import pytest
from fakes.loop import on_loop
from fakes.server import Gateway
from fakes.serving import CREATED, candidate, http_upstream, namespace, served, simulator, snapshot
from fakes.upstream import Answer, FakeUpstream, ReceivedRequest
from openai.types.chat import ChatCompletionMessageParam

from reconciler.protocol.multipart import read_multipart

TEXT = "The quick brown fox jumps over the lazy dog."
HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "hello there"}]

SNAPSHOT = snapshot(
    namespace(
        served("small", candidate(simulator("sim", text=TEXT, chunkSize=4, dimensions=8), "sim-small")),
        served("org/large", candidate(simulator("other", text="other"), None)),
        served("lonely"),
        aliases={"gpt/small": "small"},
        wildcards={"any/": "org/large"},
        default="small",
    )
)


@on_loop
async def test_a_chat_answer() -> None:
    async with Gateway(SNAPSHOT) as gateway, gateway.client() as client:
        raw = await client.chat.completions.with_raw_response.create(model="gpt/small", messages=HELLO)
        answer = raw.parse()
        assert answer.choices[0].message.content == TEXT
        assert answer.choices[0].finish_reason == "stop"
        assert answer.model == "sim-small"
        assert answer.usage is not None
        assert answer.usage.total_tokens > 0
        assert raw.headers["x-routerctl-provider"] == "sim"
        assert raw.headers["x-routerctl-revision"] == "7"
        assert raw.headers["x-routerctl-attempts"] == "1"
        assert raw.headers["x-routerctl-request-id"].startswith("req-")


@on_loop
async def test_a_chat_stream() -> None:
    async with Gateway(SNAPSHOT) as gateway, gateway.client() as client:
        stream = await client.chat.completions.create(
            model="small", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert text == TEXT
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [choice.finish_reason for chunk in chunks for choice in chunk.choices][-1] == "stop"
    assert [chunk.usage is not None for chunk in chunks] == [False] * (len(chunks) - 1) + [True]


@on_loop
async def test_the_sync_client_as_well() -> None:
    def talk() -> tuple[str | None, str]:
        with gateway.sync_client() as client:
            whole = client.chat.completions.create(model="small", messages=HELLO)
            stream = client.chat.completions.create(model="small", messages=HELLO, stream=True)
            streamed = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
            return whole.choices[0].message.content, streamed

    async with Gateway(SNAPSHOT) as gateway:
        assert await asyncio.to_thread(talk) == (TEXT, TEXT)


@on_loop
async def test_embeddings() -> None:
    async with Gateway(SNAPSHOT) as gateway, gateway.client() as client:
        answer = await client.embeddings.create(model="small", input=["a", "b"])
        assert [len(item.embedding) for item in answer.data] == [8, 8]
        assert answer.data[0].embedding != answer.data[1].embedding
        raw = await client.embeddings.create(model="small", input="a", encoding_format="base64")
        assert len(base64.b64decode(str(raw.data[0].embedding))) == 8 * 4


@on_loop
async def test_the_list_of_models_holds_names_and_aliases_and_no_wildcards() -> None:
    async with Gateway(SNAPSHOT) as gateway, gateway.client() as client:
        raw = await client.models.with_raw_response.list()
        models = [model async for model in raw.parse()]
    assert [model.id for model in models] == ["gpt/small", "lonely", "org/large", "small"]
    assert {model.owned_by for model in models} == {"sim", "other", "routerctl"}
    assert {(model.object, model.created) for model in models} == {("model", CREATED)}
    assert models[0].model_extra == {"display_name": "The small"} | (models[0].model_extra or {})
    assert raw.headers["x-routerctl-revision"] == "7"


@pytest.mark.parametrize("asked", ["small", "gpt/small", "org/large", "any/thing/at all?#%"])
@on_loop
async def test_one_model(asked: str) -> None:
    async with Gateway(SNAPSHOT) as gateway, gateway.client() as client:
        model = await client.models.retrieve(asked)
        assert model.id == asked


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/v1/models/org/large", "org/large"),
        ("/v1/models/org%2Flarge", "org/large"),
        ("/v1/models/org%2flarge", "org/large"),
    ],
)
@on_loop
async def test_slashes_of_an_id_raw_and_encoded(path: str, asked: str) -> None:
    async with Gateway(SNAPSHOT) as gateway, gateway.http() as client:
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["id"]) == (200, asked)
        assert answer.headers["x-routerctl-revision"] == "7"


@on_loop
async def test_errors_are_the_sdks_own_exceptions() -> None:
    async with Gateway(SNAPSHOT) as gateway, gateway.client() as client:
        with pytest.raises(openai.NotFoundError) as missing:
            await client.chat.completions.create(model="nope", messages=HELLO)
        assert missing.value.code == "model_not_found"
        assert "does not exist" in missing.value.message
        with pytest.raises(openai.NotFoundError):
            await client.models.retrieve("nope")
        with pytest.raises(openai.InternalServerError) as nobody:
            await client.embeddings.create(model="lonely", input="a")
        assert nobody.value.status_code == 503
        with pytest.raises(openai.BadRequestError):
            await client.chat.completions.create(model="small", messages=HELLO, extra_body={"stream": "yes"})
        with pytest.raises(openai.NotFoundError) as unserved:
            await client.images.generate(model="small", prompt="a")
        assert unserved.value.code == "endpoint_not_served"
        await gateway.idle()


@on_loop
async def test_before_the_first_snapshot_nothing_is_served() -> None:
    async with Gateway() as gateway, gateway.client() as client, gateway.http() as http:
        with pytest.raises(openai.InternalServerError) as early:
            await client.chat.completions.create(model="small", messages=HELLO)
        assert early.value.code == "not_ready"
        for path in ("/v1/models", "/v1/models/small"):
            assert (await http.get(path)).status_code == 503
        assert (await http.get("/healthz")).status_code == 200
        assert (await http.get("/readyz")).status_code == 503
        gateway.publish(SNAPSHOT)
        ready = await http.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"status": "ok", "revision": 7})
        assert ready.headers["x-routerctl-revision"] == "7"
        await client.chat.completions.create(model="small", messages=HELLO)


@on_loop
async def test_without_a_model_the_default_answers() -> None:
    async with Gateway(SNAPSHOT) as gateway, gateway.http() as http:
        answer = await http.post("/v1/chat/completions", json={"messages": HELLO})
        assert answer.json()["model"] == "sim-small"
    async with Gateway(snapshot(namespace())) as gateway, gateway.http() as http:
        answer = await http.post("/v1/chat/completions", json={"messages": HELLO})
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, "model")


@on_loop
async def test_every_request_is_counted_once() -> None:
    async with Gateway(SNAPSHOT) as gateway, gateway.client() as client:
        for _ in range(3):
            await client.chat.completions.create(model="gpt/small", messages=HELLO)
        with pytest.raises(openai.NotFoundError):
            await client.embeddings.create(model="nope", input="a")
        await gateway.idle()
        counted = gateway.telemetry.snapshot()
    assert counted["requests"] == {
        "chat": {"small": {"sim": {"2xx": 3}}},
        "embeddings": {"unknown": {"none": {"4xx": 1}}},
    }
    tokens = counted["tokens"]
    assert isinstance(tokens, dict)
    assert tokens["small"] == {"sim": {"input": 3 * 2, "output": 3 * 9}}


@on_loop
async def test_completions_and_responses_plain_and_streaming() -> None:
    async with Gateway(SNAPSHOT) as gateway, gateway.client() as client:
        completion = await client.completions.create(model="small", prompt="hello there")
        assert completion.choices[0].text == TEXT
        pieces = await client.completions.create(model="small", prompt="hello there", stream=True)
        chunks = [chunk async for chunk in pieces]
        assert "".join(chunk.choices[0].text for chunk in chunks) == TEXT
        assert {chunk.usage for chunk in chunks} == {None}
        answer = await client.responses.create(model="small", input="hello there")
        assert (answer.output_text, answer.model) == (TEXT, "sim-small")
        async with client.responses.stream(model="small", input="hello there") as events:
            final = await events.get_final_response()
        assert final.output_text == TEXT
        with pytest.raises(openai.NotFoundError) as kept_elsewhere:
            await client.responses.retrieve(answer.id)
        assert kept_elsewhere.value.code == "response_not_kept"
        await gateway.idle()
        assert gateway.telemetry.snapshot()["tokens"] == {"small": {"sim": {"input": 4 * 2, "output": 4 * 9}}}


@on_loop
async def test_sounds_and_pictures_pass_both_ways() -> None:
    """The upstream gets the client's bytes, with its own name of the model."""
    sound = bytes(range(256)) * 100

    def answer(request: ReceivedRequest) -> Answer:
        match request.target:
            case "/v1/audio/speech":
                return Answer((sound[:1000], sound[1000:]), headers=(("content-type", "audio/mpeg"),))
            case "/v1/images/generations":
                return Answer((b'{"created": 1, "data": [{"b64_json": "aGk="}], "usage": null}',))
            case "/v1/audio/transcriptions":
                return Answer((b'{"text": "hello", "usage": {"type": "duration", "seconds": 3}}',))
            case _:
                return Answer((b'{"created": 1, "data": []}',))

    async with FakeUpstream(answer) as upstream:
        space = namespace(served("m", candidate(http_upstream("up", upstream.url), "whisper-large")))
        async with Gateway(snapshot(space)) as gateway, gateway.client() as client:
            spoken = await client.audio.speech.create(model="m", voice="alloy", input="hello")
            assert await spoken.aread() == sound
            pictures = await client.images.generate(model="m", prompt="a cat")
            assert pictures.data is not None
            assert pictures.data[0].b64_json == "aGk="
            text = await client.audio.transcriptions.create(model="m", file=("a.wav", sound, "audio/wav"))
            assert text.text == "hello"
            await client.images.edit(model="m", image=[("a.png", sound), ("b.png", sound)], prompt="both")
        transcription, edit = upstream.requests[2:]
        for request in (transcription, edit):
            content_type = request.header("content-type")
            assert content_type is not None
            sent = read_multipart(request.body, content_type)
            assert sent.model == "whisper-large"
            assert sound in request.body
        assert edit.body.count(sound) == 2
