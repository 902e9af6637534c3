"""The real openai SDK against a real `routerctl up` process whose provider is the simulator."""

from collections.abc import Iterator
from pathlib import Path

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
