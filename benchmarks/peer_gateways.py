"""Other gateways for the same work, as they come: how each is installed, started, and asked.

They go into environments of their own, with pip and npm as these are configured, and once.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.loader import KEY
from benchmarks.processes import Failed, started, wait_for
from benchmarks.reverse_proxy import free_port
from benchmarks.stand import Far, Target

LITELLM, PORTKEY = "LiteLLM", "Portkey"
_INSTALLING_SECONDS = 1200
_NO_PATH = {"PYTHONPATH": ""}
"""Ours would give an environment of another program our packages."""
_CONFIG = """\
model_list:
  - model_name: measured
    litellm_params: {{model: openai/measured, api_base: "{url}/v1", api_key: sk-upstream}}
general_settings: {{master_key: {key}}}
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """`install` returns the version, or raises Failed; `serve` returns a running one. `flags` are the loader's."""

    name: str
    install: Callable[[Path], str]
    serve: Callable[[Path, Far, int | None, Path], AbstractContextManager[Target]]
    flags: Callable[[Far], list[str]]


def install_litellm(folder: Path) -> str:
    python = folder / "bin" / "python"
    if not (folder / "bin" / "litellm").exists():
        _install([sys.executable, "-m", "venv", "--clear", str(folder)])
        _install([str(python), "-m", "pip", "--disable-pip-version-check", "-q", "install", "litellm[proxy]"])
    return _install([str(python), "-c", "from importlib.metadata import version; print(version('litellm'))"])


def install_portkey(folder: Path) -> str:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise Failed("there is no npm")
    package = folder / "node_modules" / "@portkey-ai" / "gateway"
    if not (package / "build").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        _install([npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "@portkey-ai/gateway"])
    return str(json.loads((package / "package.json").read_text(encoding="utf-8"))["version"])


def _install(command: list[str]) -> str:
    """What it prints. Raises Failed."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=True,
            timeout=_INSTALLING_SECONDS,
            env={**os.environ, **_NO_PATH},
        )
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout).strip().splitlines()
        raise Failed(said[-1] if said else f"{command[0]} failed") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(str(error)) from error
    return done.stdout.strip()


@contextmanager
def litellm(installed: Path, far: Far, core: int | None, folder: Path) -> Iterator[Target]:
    port, config = free_port(), folder / "litellm.yaml"
    config.write_text(_CONFIG.format(url=far.url, key=KEY), encoding="utf-8")
    command = [str(installed / "bin" / "litellm"), "--config", str(config)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    env = {**_NO_PATH, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}
    with started(command, folder / "litellm.log", core=core, env=env) as server:
        wait_for(f"http://127.0.0.1:{port}/health/liveliness", server)
        yield Target(LITELLM, f"http://127.0.0.1:{port}", server)


@contextmanager
def portkey(installed: Path, far: Far, core: int | None, folder: Path) -> Iterator[Target]:  # noqa: ARG001  as above
    port = free_port()
    script = installed / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"
    command = [shutil.which("node") or "node", str(script), f"--port={port}", "--headless"]
    with started(command, folder / "portkey.log", core=core) as server:
        wait_for(f"http://127.0.0.1:{port}/", server)
        yield Target(PORTKEY, f"http://127.0.0.1:{port}", server)


def _portkey_flags(far: Far) -> list[str]:
    return ["--header", "x-portkey-provider: openai", "--header", f"x-portkey-custom-host: {far.url}/v1"]


PEERS = (
    Peer(LITELLM, install_litellm, litellm, lambda _: []),
    Peer(PORTKEY, install_portkey, portkey, _portkey_flags),
)
