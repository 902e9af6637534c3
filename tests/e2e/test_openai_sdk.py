"""The real openai SDK against a real `routerctl up` process whose provider is the simulator."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import openai
import pytest
from fakes.running import ROOT, Running, running, served_by, simulator
from fakes.sdk import HELLO, check_order, said, sdk
from openai.types.chat import ChatCompletion, ChatCompletionChunk

pytestmark = pytest.mark.slow

TEXT = "The quick brown fox jumps over the lazy dog."
SETTINGS = """\
apiVersion: routerctl.dev/v1
kind: Settings
metadata: {name: default}
spec: {defaultModel: sim}
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("simulator")
    manifests = folder / "manifests"
    manifests.mkdir()
    (manifests / "sim.yaml").write_text(simulator("sim", text=TEXT, chunkSize=4, dimensions=8))
    (manifests / "busy.yaml").write_text(simulator("busy", errorStatus=429))
    (manifests / "cut.yaml").write_text(simulator("cut", text=TEXT, chunkSize=4, cutAfter=3))
    (manifests / "down.yaml").write_text(
        served_by("down", {"type": "openai-compatible", "config": {"baseURL": "http://127.0.0.1:9/v1"}})
    )
    (manifests / "settings.yaml").write_text(SETTINGS)
    with running("up", "-f", str(manifests), "--workers", "2", db=folder / "store.db") as gateway:
        yield gateway


@pytest.fixture(scope="module")
def client(gateway: Running) -> Iterator[openai.OpenAI]:
    with sdk(gateway) as client:
        yield client


def test_a_chat(client: openai.OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(model="sim", messages=HELLO)
    answer = raw.parse()
    assert answer.choices[0].message.content == TEXT
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (2, 9)
    assert raw.headers["x-routerctl-provider"] == "sim"
    assert raw.headers["x-routerctl-revision"] == "1"
    assert raw.headers["x-routerctl-attempts"] == "1"


def test_a_stream(client: openai.OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model="sim", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
    )
    assert said(chunks) == TEXT
    assert chunks[0].choices[0].delta.role == "assistant"
    check_order(chunks)


def test_embeddings(client: openai.OpenAI) -> None:
    answer = client.embeddings.create(model="sim", input=["one", "two"])
    assert [(row.index, len(row.embedding)) for row in answer.data] == [(0, 8), (1, 8)]
    (two,) = client.embeddings.create(model="sim", input="two", encoding_format="float").data
    assert two.embedding == pytest.approx(answer.data[1].embedding, rel=1e-5)
    assert answer.usage.total_tokens == 2


def test_completions_and_responses(client: openai.OpenAI) -> None:
    completion = client.completions.create(model="sim", prompt="one two")
    assert (completion.choices[0].text, completion.choices[0].finish_reason) == (TEXT, "stop")
    with client.responses.stream(model="sim", input="one two") as events:
        answer = events.get_final_response()
    assert answer.output_text == TEXT
    assert answer.usage is not None
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (2, 9)


def test_messages_as_anthropics_clients_ask(gateway: Running) -> None:
    headers = {"x-api-key": "any", "anthropic-version": "2023-06-01"}
    with httpx2.Client(base_url=gateway.data_url, headers=headers, trust_env=False) as client:
        body = {"model": "sim", "max_tokens": 99, "messages": HELLO}
        answer = client.post("/v1/messages?beta=true", json=body).json()
        assert (answer["content"][0]["text"], answer["stop_reason"]) == (TEXT, "end_turn")
        counted = client.post("/v1/messages/count_tokens", json=body).json()
        assert counted["input_tokens"] == answer["usage"]["input_tokens"]
        streamed = client.post("/v1/messages", json={**body, "stream": True}).text
        assert (streamed.startswith("event: message_start"), streamed.count("event: message_stop")) == (
            True,
            1,
        )
        cut = client.post("/v1/messages", json={**body, "model": "cut", "stream": True}).text
        assert cut.rpartition("event: ")[2].startswith('error\ndata: {"type": "error"')
        unknown = client.post("/v1/messages", json={**body, "model": "nope"})
        assert (unknown.status_code, unknown.json()["error"]["type"]) == (404, "not_found_error")


def test_what_the_simulator_can_not_do_is_said(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unserved:
        client.audio.transcriptions.create(model="sim", file=("a.wav", b"RIFF", "audio/wav"))
    assert unserved.value.code == "endpoint_not_served"


def test_the_models(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["busy", "cut", "down", "sim"]
    assert client.models.retrieve("sim").owned_by == "sim"


def test_without_a_model_the_default_answers(client: openai.OpenAI) -> None:
    answer = client.post("/chat/completions", body={"messages": HELLO}, cast_to=ChatCompletion)
    assert answer.choices[0].message.content == TEXT


def test_errors_are_the_sdks_own(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        client.chat.completions.create(model="nope", messages=HELLO)
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("nope")
    with pytest.raises(openai.RateLimitError):
        client.chat.completions.create(model="busy", messages=HELLO)
    with pytest.raises(openai.InternalServerError) as down:
        client.chat.completions.create(model="down", messages=HELLO)
    assert down.value.status_code in {502, 503}
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="sim", messages=HELLO, extra_body={"stream": "yes"})


def test_a_stream_that_breaks_off_is_an_error_and_no_short_answer(client: openai.OpenAI) -> None:
    pieces: list[ChatCompletionChunk] = []
    with pytest.raises(openai.APIError):
        pieces.extend(client.chat.completions.create(model="cut", messages=HELLO, stream=True))


def test_the_manifests_of_the_repository_serve_without_a_model(tmp_path: Path) -> None:
    """What a newcomer gets from `routerctl up` alone: the backup answers."""
    manifests = tmp_path / "manifests"
    manifests.mkdir()
    for file in (ROOT / "manifests").glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        (manifests / file.name).write_text(text.replace("127.0.0.1:8081", "127.0.0.1:9"))
    with running("up", "-f", str(manifests), db=tmp_path / "store.db") as gateway, sdk(gateway) as client:
        raw = client.chat.completions.with_raw_response.create(model="gpt-4o-mini", messages=HELLO)
        assert raw.headers["x-routerctl-provider"] == "backup"
        assert raw.headers["x-routerctl-attempts"] == "2"
        assert raw.parse().choices[0].message.content
