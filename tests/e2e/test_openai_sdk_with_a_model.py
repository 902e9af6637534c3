"""The real openai SDK against a real `routerctl up` process and a real model, through the manifests of the repository.

Shape, order and usage are asserted; what a small model says is no matter.
"""

from collections.abc import Iterator

import httpx2
import openai
import pytest
from fakes.local_model import LocalModel
from fakes.running import ROOT, Running, running, wait
from fakes.sdk import HELLO, check_order, said, sdk
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam

pytestmark = pytest.mark.model

FEW = 12


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, local_model: LocalModel) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("model")
    manifests = folder / "manifests"
    manifests.mkdir()
    for file in (ROOT / "manifests").glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        (manifests / file.name).write_text(text.replace("http://127.0.0.1:8081", local_model.url))
    with running("up", "-f", str(manifests), db=folder / "store.db") as gateway:
        yield gateway


@pytest.fixture(scope="module")
def client(gateway: Running) -> Iterator[openai.OpenAI]:
    with sdk(gateway) as client:
        yield client


@pytest.mark.parametrize("asked", ["smollm2", "gpt-4o-mini"])
def test_a_chat_by_name_and_by_wildcard(client: openai.OpenAI, asked: str) -> None:
    raw = client.chat.completions.with_raw_response.create(model=asked, messages=HELLO, max_tokens=FEW)
    answer = raw.parse()
    assert raw.headers["x-routerctl-provider"] == "local"
    assert raw.headers["x-routerctl-attempts"] == "1"
    assert answer.choices[0].message.role == "assistant"
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason in {"stop", "length"}
    assert answer.usage is not None
    assert 1 <= answer.usage.completion_tokens <= FEW
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_a_stream(client: openai.OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model="smollm2",
            messages=HELLO,
            max_tokens=FEW,
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    assert said(chunks)
    check_order(chunks)  # no role: llama.cpp leaves it out where the first token is no whole character
    usage = chunks[-1].usage
    assert usage is not None
    assert 1 <= usage.completion_tokens <= FEW


def test_embeddings(client: openai.OpenAI, local_model: LocalModel) -> None:
    answer = client.embeddings.create(model="smollm2", input=["the sea", "a lighthouse"])
    assert [row.index for row in answer.data] == [0, 1]
    assert [len(row.embedding) for row in answer.data] == [local_model.dimensions] * 2
    (sea,) = client.embeddings.create(model="smollm2", input="the sea", encoding_format="float").data
    assert sea.embedding == pytest.approx(answer.data[0].embedding, abs=0.02)
    assert answer.data[0].embedding != pytest.approx(answer.data[1].embedding, abs=0.02)
    assert answer.usage.prompt_tokens > 0


def test_the_models(client: openai.OpenAI) -> None:
    (model,) = client.models.list()
    assert (model.id, model.owned_by) == ("smollm2", "local")


def test_without_a_model_the_default_answers(client: openai.OpenAI) -> None:
    body = {"messages": HELLO, "max_tokens": FEW}
    answer = client.post("/chat/completions", body=body, cast_to=ChatCompletion)
    assert answer.choices[0].message.content


def test_tools_and_unknown_fields_reach_the_model_and_its_own_come_back(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="smollm2",
        messages=HELLO,
        max_tokens=FEW,
        n=2,
        tools=[{"type": "function", "function": {"name": "greet", "parameters": {"type": "object"}}}],
        extra_body={"ignore_eos": True, "timings_per_token": True},
    )
    assert [(choice.index, choice.finish_reason) for choice in answer.choices] == [
        (0, "length"),
        (1, "length"),
    ]
    assert answer.model_extra is not None
    assert "timings" in answer.model_extra


def test_its_errors_come_through(client: openai.OpenAI) -> None:
    long: list[ChatCompletionMessageParam] = [{"role": "user", "content": "word " * 5000}]
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model="smollm2", messages=long, max_tokens=FEW)
    assert refused.value.type == "exceed_context_size_error"


def test_a_stream_that_is_closed_early_frees_its_slot(client: openai.OpenAI, local_model: LocalModel) -> None:
    def busy() -> int:
        slots = httpx2.get(f"{local_model.url}/slots", timeout=60).json()
        return sum(slot["is_processing"] for slot in slots)

    for _ in range(3):  # more than it has slots
        stream = client.chat.completions.create(
            model="smollm2",
            messages=HELLO,
            max_tokens=1500,
            stream=True,
            extra_body={"ignore_eos": True},
        )
        assert next(iter(stream)).choices
        assert busy() == 1
        stream.close()
        wait(lambda: busy() == 0, "a free slot")
