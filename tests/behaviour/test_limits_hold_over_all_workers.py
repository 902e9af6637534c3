"""Four workers and limits that count over all of them: an upstream never gets more, whoever asks and whoever is killed."""

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path

import pytest
from fakes.load import Connection, Reply
from fakes.running import Running, running, served_by
from fakes.upstream import Answer, FakeUpstream, ReceivedRequest

pytestmark = pytest.mark.slow

WORKERS = 4
CONCURRENT = 10
REQUESTS = 200
PER_MINUTE = 30
TOOK = 0.02
"""Seconds that the upstream takes for an answer."""


class Counting:
    """How many requests there are at once, and were in all, by the path's first part."""

    def __init__(self) -> None:
        self.now = 0
        self.most = 0
        self.asked: Counter[str] = Counter()

    async def answer(self, request: ReceivedRequest) -> Answer:
        self.asked[request.target.split("/")[1]] += 1
        self.now += 1
        self.most = max(self.most, self.now)
        over = asyncio.Event()
        asyncio.get_running_loop().call_later(TOOK, over.set)
        await over.wait()
        self.now -= 1
        return Answer((b'{"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}',))


async def ask(gateway: Running, model: str, requests: int, clients: int) -> list[Reply | None]:
    """None for each client whose worker died."""
    host, port = gateway.data_url.removeprefix("http://").split(":")
    left = iter(range(requests))
    replies: list[Reply | None] = []

    async def client() -> None:
        try:
            async with Connection(host, int(port)) as connection:
                for _ in left:
                    reply = await connection.chat(model)
                    replies.append(reply)
        except (OSError, asyncio.IncompleteReadError):
            replies.append(None)

    await asyncio.gather(*(client() for _ in range(clients)))
    return replies


def provider(name: str, port: int, **limits: object) -> str:
    config = {"baseURL": f"http://127.0.0.1:{port}/{name}/v1"}
    return served_by(name, {"type": "openai-compatible", "config": config, "limits": limits})


@pytest.mark.anyio
async def test_limits_hold_over_all_workers_also_when_one_is_killed(tmp_path: Path) -> None:
    counting, manifests = Counting(), tmp_path / "all.yaml"
    async with FakeUpstream(counting.answer) as upstream:
        queue = {"size": REQUESTS, "timeout": "30s"}
        slots = provider("slots", upstream.port, maxConcurrent=CONCURRENT, queue=queue)
        manifests.write_text(slots + provider("rate", upstream.port, requestsPerMinute=PER_MINUTE))
        arguments = ("up", "-f", str(manifests), "--workers", str(WORKERS))
        with running(*arguments, db=tmp_path / "s.db") as gateway:
            replies = await ask(gateway, "slots", REQUESTS, clients=REQUESTS)
            assert {reply and reply.status for reply in replies} == {200}
            assert CONCURRENT // 2 < counting.most <= CONCURRENT

            first = await ask(gateway, "rate", PER_MINUTE // 2, clients=8)
            os.kill(min(gateway.pids()), signal.SIGKILL)
            replies = first + await ask(gateway, "rate", 3 * PER_MINUTE, clients=16)
            assert counting.asked["rate"] <= PER_MINUTE
            refused = [reply for reply in replies if reply is not None and reply.status != 200]
            assert {reply.status for reply in refused} == {429}
            assert all(0 < int(reply.headers["retry-after"]) <= 60 for reply in refused)
