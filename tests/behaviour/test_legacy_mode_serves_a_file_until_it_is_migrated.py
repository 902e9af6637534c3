"""A .env of the provider-router is served as it is, edits included; then it is migrated and taken back, while it is served."""

import asyncio
import json
from pathlib import Path

import pytest
from fakes.loop import on_loop
from fakes.running import Running, routerctl, running
from fakes.sdk import HELLO, sdk
from fakes.upstream import Answer, FakeUpstream, ReceivedRequest

pytestmark = pytest.mark.slow

KEY = "sk-5f0c1e2d3b4a59687786950a1b2c3d4e"


def answered(request: ReceivedRequest) -> Answer:
    asked = json.loads(request.body)
    message = {"role": "assistant", "content": f"{asked['model']} {request.header('authorization')}"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": asked["model"],
        "choices": [choice],
    }
    return Answer((json.dumps(body).encode(),))


def said(gateway: Running, model: str) -> tuple[str | None, str | None]:
    """By whom, and what."""
    with sdk(gateway) as client:
        raw = client.chat.completions.with_raw_response.create(model=model, messages=HELLO)
    return raw.headers.get("x-routerctl-provider"), raw.parse().choices[0].message.content


def migrate_and_back(folder: Path, url: str) -> None:
    file, db = folder / ".env", folder / "state" / "store.db"
    db.parent.mkdir()
    file.write_text(
        f"LM_STUDIO_BASE_URL={url}\nLM_STUDIO_DEFAULT_MODEL=m\nQWEN_API_KEY={KEY}\nQWEN_BASE_URL={url}\n"
    )
    with running("serve", "--legacy", str(file), db=db) as gateway:
        assert "legacy mode: served is what" in gateway.errors()
        assert "routerctl migrate" in gateway.errors()
        assert said(gateway, "m") == ("lm-studio-default", "m None")
        assert said(gateway, "anything") == ("lm-studio-default", "anything None")
        file.write_text(file.read_text() + "DEFAULT_PROVIDER=qwen-direct\n")
        gateway.wait(lambda: gateway.serves(2), "the edit")
        assert said(gateway, "anything") == ("dashscope-default", f"anything Bearer {KEY}")
        more = folder / "more.env"
        more.write_text(
            file.read_text().replace("qwen-direct", "qwen-proxy") + f"QWEN_PROXY_BASE_URL={url}\n"
        )
        told = routerctl(db, "migrate", str(more), "--apply", "--force")
        assert "legacy mode has ended" in told
        gateway.wait(lambda: gateway.serves(3), "the migration")
        assert said(gateway, "anything")[0] == "qwen-proxy-default"
        routerctl(db, "migrate", "--rollback", "--yes")
        gateway.wait(lambda: gateway.serves(4), "the way back")
        assert said(gateway, "anything")[0] == "dashscope-default"
    holders = [path for path in db.parent.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    assert holders == []


@on_loop
async def test_a_file_is_served_migrated_and_taken_back(tmp_path: Path) -> None:
    async with FakeUpstream(answered) as upstream:
        await asyncio.to_thread(migrate_and_back, tmp_path, upstream.url)
