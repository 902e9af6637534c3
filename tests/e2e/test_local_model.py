"""The local model itself, so that a failure of a test behind the gateway is known to lie with the gateway."""

import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from fakes.local_model import SERVER, LocalModel, model_process

pytestmark = pytest.mark.model
CHAT = {"model": "smollm2", "max_tokens": 8, "messages": [{"role": "user", "content": "Say hello."}]}


def test_it_answers_a_chat_with_usage(local_model: LocalModel) -> None:
    answer = httpx2.post(f"{local_model.url}/v1/chat/completions", json=CHAT, timeout=60).json()
    assert answer["object"] == "chat.completion"
    assert answer["choices"][0]["message"]["content"]
    assert 1 <= answer["usage"]["completion_tokens"] <= 8


def test_it_embeds(local_model: LocalModel) -> None:
    body = {"model": "smollm2", "input": ["one", "two"]}
    answer = httpx2.post(f"{local_model.url}/v1/embeddings", json=body, timeout=60).json()
    assert [len(row["embedding"]) for row in answer["data"]] == [local_model.dimensions] * 2


def test_a_port_that_is_taken_ends_it_with_a_reason(local_model: LocalModel) -> None:
    command = [sys.executable, str(SERVER), "--port", local_model.url.rpartition(":")[2]]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 3
    assert "cannot be served" in ended.stderr


def test_it_ends_when_it_is_told_to_also_in_the_middle_of_an_answer(
    local_model: LocalModel,  # who can't have one is skipped
    tmp_path: Path,
) -> None:
    long = {**CHAT, "model": local_model.name, "max_tokens": 2_000, "stream": True}
    with (
        model_process(tmp_path) as (process, model),
        httpx2.stream("POST", f"{model.url}/v1/chat/completions", json=long, timeout=60) as answer,
    ):
        assert next(answer.iter_raw())
        process.terminate()
        assert process.wait(30) == 0
