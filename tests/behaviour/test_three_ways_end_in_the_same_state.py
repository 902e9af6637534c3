"""What a manifest, a command and the REST API make of the same wish is the same: resources, down to each field."""

from collections.abc import Callable
from contextlib import closing

import httpx2
import pytest
from fakes.managed import Managed

from reconciler.json_types import JsonObject
from reconciler.store.reader import Reader

MANIFESTS = """
apiVersion: routerctl.dev/v1
kind: Provider
metadata: {name: gpu}
spec:
  type: lm-studio
  displayName: LM Studio on the GPU server
  description: the big one
  priority: 20
  enabled: false
  config: {baseURL: "http://127.0.0.1:1234/v1", timeout: 180000}
---
apiVersion: routerctl.dev/v1
kind: Provider
metadata: {name: spare}
spec: {type: ollama, config: {baseURL: "http://127.0.0.1:11434"}}
---
apiVersion: routerctl.dev/v1
kind: Model
metadata: {name: qwen3-max}
spec: {displayName: Qwen3 Max, description: thinks, capabilities: [chat, tools]}
---
apiVersion: routerctl.dev/v1
kind: Model
metadata: {name: qwen3-coder}
spec: {displayName: qwen3-coder}
---
apiVersion: routerctl.dev/v1
kind: Binding
metadata: {name: qwen3-max-gpu}
spec: {model: qwen3-max, provider: gpu, default: false}
---
apiVersion: routerctl.dev/v1
kind: Binding
metadata: {name: qwen3-coder-gpu}
spec: {model: qwen3-coder, provider: gpu, default: true}
---
apiVersion: routerctl.dev/v1
kind: Settings
metadata: {name: default}
spec: {activeProvider: spare}
"""

COMMANDS = (
    (
        "provider add gpu --type lm-studio --base-url http://127.0.0.1:1234/v1 --set timeout=60000 --priority 10 "
        "--display-name=GPU --yes"
    ),
    (
        "provider edit gpu --set timeout=180000 --priority 20 --description=the_big_one "
        "--display-name=LM_Studio_on_the_GPU_server"
    ),
    "provider add spare --type ollama --base-url http://127.0.0.1:11434 --yes",
    "provider add gone --type ollama --base-url http://127.0.0.1:11435 --yes",
    "model add qwen3-max --display-name=Qwen3_Max --description=thinks --capability chat --capability tools",
    "model add qwen3-coder --display-name=qwen3-coder",
    "model link gpu qwen3-max --default",
    "model link gpu qwen3-coder",
    "model default gpu qwen3-coder",
    "model link gone qwen3-max",
    "provider remove gone --cascade --yes",
    "provider disable gpu",
    "set spare",
)

CALLS: tuple[tuple[str, str, JsonObject | None], ...] = (
    (
        "POST",
        "/v1/providers",
        {
            "id": "gpu",
            "name": "GPU",
            "type": "lm-studio",
            "priority": 10,
            "config": {"baseURL": "http://127.0.0.1:1234/v1", "timeout": 60000},
        },
    ),
    ("PATCH", "/v1/providers/gpu/config/timeout", {"value": 180000}),
    (
        "PUT",
        "/v1/providers/gpu",
        {
            "name": "LM Studio on the GPU server",
            "type": "lm-studio",
            "priority": 20,
            "description": "the big one",
            "config": {"baseURL": "http://127.0.0.1:1234/v1", "timeout": 180000},
        },
    ),
    (
        "POST",
        "/v1/providers",
        {"id": "spare", "type": "ollama", "config": {"baseURL": "http://127.0.0.1:11434"}},
    ),
    (
        "POST",
        "/v1/providers",
        {"id": "gone", "type": "ollama", "config": {"baseURL": "http://127.0.0.1:11435"}},
    ),
    (
        "POST",
        "/v1/models",
        {
            "id": "qwen3-max",
            "name": "Qwen3 Max",
            "description": "thinks",
            "capabilities": ["chat", "tools"],
        },
    ),
    ("POST", "/v1/models", {"id": "qwen3-coder", "name": "qwen3-coder"}),
    ("POST", "/v1/providers/gpu/models", {"model_id": "qwen3-max", "is_default": True}),
    ("POST", "/v1/providers/gpu/models", {"model_id": "qwen3-coder"}),
    ("PUT", "/v1/providers/gpu/models/qwen3-coder/default", None),
    ("POST", "/v1/providers/gone/models", {"model_id": "qwen3-max"}),
    ("DELETE", "/v1/providers/gone?cascade=true", None),
    ("POST", "/v1/providers/gpu/disable", None),
    ("PUT", "/v1/settings/active_provider", {"value": "spare"}),
)


def by_manifest(managed: Managed) -> None:
    file = managed.routerctl.folder / "all.yaml"
    file.write_text(MANIFESTS)
    done = managed.here("apply", "-f", file)
    assert done.code == 0, done.err


def by_command(managed: Managed) -> None:
    for line in COMMANDS:
        done = managed.here(*(word.replace("_", " ") if "=" in word else word for word in line.split()))
        assert done.code == 0, (line, done.err)


def by_command_elsewhere(managed: Managed) -> None:
    for line in COMMANDS:
        done = managed.there(*(word.replace("_", " ") if "=" in word else word for word in line.split()))
        assert done.code == 0, (line, done.err)


def by_rest(managed: Managed) -> None:
    token = managed.token().read_text().strip()
    with httpx2.Client(base_url=managed.url, headers={"authorization": f"Bearer {token}"}) as client:
        for method, path, body in CALLS:
            answer = (
                client.request(method, path, json=body) if body is not None else client.request(method, path)
            )
            assert answer.is_success, (method, path, answer.status_code, answer.text)


@pytest.mark.parametrize(
    ("way", "revisions"),
    [
        (by_manifest, 1),
        (by_command, len(COMMANDS)),
        (by_command_elsewhere, len(COMMANDS)),
        (by_rest, len(CALLS)),
    ],
)
def test_the_same_wish_makes_the_same_state(
    managed: Managed, way: Callable[[Managed], None], revisions: int
) -> None:
    way(managed)
    file = managed.routerctl.folder / "wanted.yaml"
    file.write_text(MANIFESTS)
    same = managed.here("diff", "-f", file)
    assert (same.code, same.err) == (0, ""), same.out
    with closing(Reader(managed.routerctl.db)) as reader:
        assert len(reader.state()) == MANIFESTS.count("kind: ")
        assert len(reader.revisions()) == revisions
