"""Keys of clients, as the real openai SDK and Anthropic's clients send them, at a real gateway with two workers."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import openai
import pytest
from fakes.running import Running, routerctl, running, said, simulator
from fakes.sdk import HELLO

from reconciler.secrets.key_text import KeyText, mint

pytestmark = pytest.mark.slow

TEXT = "The quick brown fox jumps over the lazy dog. " * 20
TEAM, OTHER, LEAVER = mint("rk"), mint("rk"), mint("rk")
SETTINGS = """\
apiVersion: routerctl.dev/v1
kind: Settings
metadata: {name: default}
spec: {auth: {dataPlane: keys}}
---
"""


def client_key(name: str, key: KeyText, **spec: object) -> str:
    told = {"keys": [{"id": key.id, "hash": key.hash}], **spec}
    head = f"apiVersion: routerctl.dev/v1\nkind: ClientKey\nmetadata: {{name: {name}}}\n"
    return f"{head}spec: {json.dumps(told)}\n---\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def gateway(folder: Path) -> Iterator[Running]:
    manifests = folder / "manifests"
    manifests.mkdir()
    (manifests / "slow.yaml").write_text(simulator("slow", text=TEXT, chunkSize=4, interval="100ms"))
    (manifests / "sim.yaml").write_text(simulator("sim", text="Hello."))
    clients = (
        client_key("team", TEAM) + client_key("other", OTHER, models=["sim"]) + client_key("leaver", LEAVER)
    )
    (manifests / "keys.yaml").write_text(SETTINGS + clients)
    with running("up", "-f", str(manifests), "--workers", "2", db=folder / "store.db") as gateway:
        yield gateway


def sdk(gateway: Running, key: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{gateway.data_url}/v1", api_key=key, max_retries=0, timeout=60)


def test_openais_sdk(gateway: Running) -> None:
    with (
        sdk(gateway, TEAM.text) as team,
        sdk(gateway, OTHER.text) as other,
        sdk(gateway, "sk-other") as nobody,
    ):
        assert (
            team.chat.completions.create(model="sim", messages=HELLO).choices[0].message.content == "Hello."
        )
        assert [model.id for model in team.models.list()] == ["sim", "slow"]
        assert [model.id for model in other.models.list()] == ["sim"]
        with pytest.raises(openai.NotFoundError):
            other.chat.completions.create(model="slow", messages=HELLO)
        with pytest.raises(openai.NotFoundError):
            other.models.retrieve("slow")
        with pytest.raises(openai.AuthenticationError) as refused:
            nobody.chat.completions.create(model="sim", messages=HELLO)
        assert refused.value.code == "invalid_api_key"
        with pytest.raises(openai.AuthenticationError):
            nobody.models.list()


def test_anthropics_form(gateway: Running) -> None:
    body = {"model": "sim", "max_tokens": 9, "messages": [{"role": "user", "content": "hello"}]}
    url = f"{gateway.data_url}/v1/messages"
    refused = httpx2.post(url, json=body, headers={"x-api-key": "sk-ant-canary"}, trust_env=False)
    assert (refused.status_code, refused.json()["error"]["type"]) == (401, "authentication_error")
    assert "canary" not in refused.text
    answer = httpx2.post(url, json=body, headers={"x-api-key": TEAM.text}, trust_env=False)
    assert answer.status_code != 401


def test_a_key_that_is_revoked_ends_what_is_under_way(gateway: Running, folder: Path) -> None:
    db = folder / "store.db"
    with sdk(gateway, LEAVER.text) as leaver:
        stream = leaver.chat.completions.create(model="slow", messages=HELLO, stream=True)
        next(iter(stream))
        routerctl(db, "key", "revoke", "leaver", LEAVER.id, "--wait")
        with pytest.raises(openai.APIError, match="was revoked"):
            list(stream)
        for _ in range(8):  # on connections of both workers
            with pytest.raises(openai.AuthenticationError):
                leaver.models.list()
    told = json.loads(routerctl(db, "key", "list", "-o", "json"))
    assert [(each["client"], each["status"]) for each in told["items"]] == [
        ("leaver", "revoked"),
        ("other", "active"),
        ("team", "active"),
    ]
    gateway.wait(lambda: _requests(db), "the records")
    assert LEAVER.text not in gateway.errors()


def _requests(db: Path) -> bool:
    told = routerctl(db, "requests", "--client", "leaver", "--model", "slow", "-o", "json")
    return [each["ending"] for each in json.loads(told)["items"]] == ["broken"]


def test_a_listener_that_others_reach_needs_keys_or_a_word(folder: Path) -> None:
    db = folder / "open.db"
    manifest = folder / "one.yaml"
    manifest.write_text(simulator("sim"))
    routerctl(db, "apply", "-f", str(manifest))
    done = said(db, "serve", "--listen", "0.0.0.0:0", "--admin-listen", "127.0.0.1:0")
    assert done.code == 4
    assert "auth.dataPlane: keys" in done.err
    assert "--allow-unauthenticated" in done.err
