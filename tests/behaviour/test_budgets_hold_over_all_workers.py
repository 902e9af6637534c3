"""Four workers, and clients with limits and budgets: no more is served than they may have, also when one is killed."""

import asyncio
import json
import os
import signal
from collections import Counter
from pathlib import Path

import pytest
from fakes.load import Connection, Reply
from fakes.running import Running, gone, running, served_by, wait
from fakes.spending import Spent
from fakes.upstream import Answer, FakeUpstream, ReceivedRequest

from reconciler.cli.client_uses import short_uses
from reconciler.clock import SystemClock
from reconciler.secrets.key_text import KeyText, mint
from reconciler.store.reader import Reader

pytestmark = pytest.mark.slow

WORKERS = 4
CONCURRENT = 6
PER_DAY = 60
COST = 25_000
"""Billionths of a dollar: what an answer costs, of 25 tokens at a dollar a million."""
BUDGET = 100
"""Answers that it pays for."""
RACERS = 200
"""Requests at once, for a budget of TEN answers: one more would not fit, whatever it reserves."""
TEN = 10
UNDER_WAY = 8
"""Requests that a worker is killed under."""
PRICED = 'spec: {pricing: {input: "1", output: "1"}}'
ANSWER = b'{"choices": [], "usage": {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25}}'


class Counting:
    """How many requests there are at once, and were in all, by the name of their client, which is their prompt."""

    def __init__(self) -> None:
        self.failing: set[str] = set()
        self.now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()

    async def answer(self, request: ReceivedRequest) -> Answer:
        name = json.loads(request.body)["messages"][0]["content"]
        self.asked[name] += 1
        self.now[name] += 1
        self.most[name] = max(self.most[name], self.now[name])
        over = asyncio.Event()
        asyncio.get_running_loop().call_later(0.01, over.set)
        await over.wait()
        self.now[name] -= 1
        return Answer((b"{}",), 500) if name in self.failing else Answer((ANSWER,))


def client_key(name: str, key: KeyText, **spec: object) -> str:
    told = {"keys": [{"id": key.id, "hash": key.hash}], **spec}
    return f"apiVersion: routerctl.dev/v1\nkind: ClientKey\nmetadata: {{name: {name}}}\nspec: {json.dumps(told)}\n---\n"


async def ask(gateway: Running, name: str, key: KeyText, requests: int, clients: int) -> list[Reply | None]:
    """None for each client whose worker died. Those that are refused for a moment ask on."""
    host, port = gateway.data_url.removeprefix("http://").split(":")
    left = iter(range(requests))
    replies: list[Reply | None] = []
    body = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": name}]}

    async def client() -> None:
        try:
            async with Connection(host, int(port), key.text) as connection:
                for _ in left:
                    reply = await connection.post("/v1/chat/completions", json.dumps(body).encode())
                    replies.append(reply)
        except (OSError, asyncio.IncompleteReadError):
            replies.append(None)

    await asyncio.gather(*(client() for _ in range(clients)))
    return replies


async def race(gateway: Running, counting: Counting, key: KeyText) -> None:
    """F14: what fails is given back, what does not fit is not served, and all that fits is."""
    counting.failing.add("ten")
    failed = await ask(gateway, "ten", key, RACERS // 4, clients=RACERS // 4)
    assert counting.asked["ten"] > 0
    assert refusals(failed, but=500) <= {(429, "insufficient_quota")}  # while others have reserved all of it
    counting.failing.clear()
    counting.asked["ten"] = 0
    raced = await ask(gateway, "ten", key, RACERS, clients=RACERS)
    assert 0 < counting.asked["ten"] <= TEN
    assert refusals(raced) == {(429, "insufficient_quota")}
    left = TEN * 20
    while counting.asked["ten"] < TEN and left:  # leases come back, and go where they are asked for
        left -= 1
        await ask(gateway, "ten", key, 1, clients=1)
    more = await ask(gateway, "ten", key, RACERS, clients=8)
    assert counting.asked["ten"] == TEN
    assert refusals(more) == {(429, "insufficient_quota")}


def refusals(replies: list[Reply | None], but: int = 200) -> set[tuple[int, str]]:
    """Of those that were refused: status and code."""
    return {
        (reply.status, json.loads(reply.body)["error"]["code"])
        for reply in replies
        if reply is not None and reply.status not in {200, but}
    }


@pytest.mark.anyio
async def test_limits_and_budgets_of_clients_hold_over_all_workers_also_when_one_is_killed(
    tmp_path: Path,
) -> None:
    counting, manifests, db = Counting(), tmp_path / "all.yaml", tmp_path / "s.db"
    slots, rate, money, ten = (mint("rk") for _ in range(4))
    limited = (
        "apiVersion: routerctl.dev/v1\nkind: Settings\nmetadata: {name: default}\nspec: {auth: {dataPlane: keys}}\n---\n",
        client_key("slots", slots, limits={"maxConcurrent": CONCURRENT}),
        client_key("rate", rate, limits={"requestsPerDay": PER_DAY}),
        client_key("ten", ten, budgets=[{"window": "day", "amount": f"{(TEN + 0.5) * COST / 10**9:.9f}"}]),
        client_key("money", money, budgets=[{"window": "month", "amount": f"{BUDGET * COST / 10**9:.9f}"}]),
    )

    def told() -> dict[str, str]:
        with Reader(db) as reader:
            found = [each for key, each in reader.state().items() if key.name in {"money", "ten"}]
        used = short_uses(found, Spent(tmp_path / "s-records.db", SystemClock()))
        return {key.name: text for key, text in used.items()}

    async with FakeUpstream(counting.answer) as upstream:
        config = {"baseURL": f"http://127.0.0.1:{upstream.port}/v1"}
        health = {"failureThreshold": 0, "failurePercent": 0}
        served = served_by("m", {"type": "openai-compatible", "config": config, "health": health})
        manifests.write_text("".join(limited) + served.replace("spec: {}", PRICED))
        arguments = ("up", "-f", str(manifests), "--workers", str(WORKERS))
        with running(*arguments, db=db) as gateway:
            await race(gateway, counting, ten)
            first, second, third = await asyncio.gather(
                ask(gateway, "slots", slots, 150, clients=30),
                ask(gateway, "rate", rate, PER_DAY // 2, clients=10),
                ask(gateway, "money", money, BUDGET // 2, clients=20),
            )
            assert 1 < counting.most["slots"] <= CONCURRENT
            assert refusals(first) == {(429, "rate_limit_exceeded")}
            assert refusals(second) <= {(429, "rate_limit_exceeded")}
            assert refusals(third) <= {(429, "insufficient_quota")}
            ten_answers = "day $0.00025/$0.0002625"
            wait(
                lambda: told()["ten"] == ten_answers, "ten answers, to the last digit"
            )  # whoever holds the rest
            victim = min(gateway.pids())
            asyncio.get_running_loop().call_later(0.02, os.kill, victim, signal.SIGKILL)
            await asyncio.gather(
                ask(gateway, "rate", rate, PER_DAY // 4, clients=10),
                ask(gateway, "money", money, BUDGET // 4, clients=UNDER_WAY),
            )
            wait(lambda: gone(victim), "the end of a worker")
            before = dict(counting.asked)
            again = await ask(gateway, "rate", rate, 2 * PER_DAY, clients=30)
            more = await ask(gateway, "money", money, 2 * BUDGET, clients=10)
            assert PER_DAY // 2 < before["rate"] <= counting.asked["rate"] <= PER_DAY
            assert refusals(again) == {(429, "rate_limit_exceeded")}
            # at most what the killed one held is lost: a share, and what its requests had reserved
            assert BUDGET - UNDER_WAY * 2 - 2 < counting.asked["money"] <= BUDGET
            assert refusals(more) == {(429, "insufficient_quota")}
            refused = next(reply for reply in more if reply is not None and reply.status == 429)
            assert refused.headers["x-should-retry"] == "false"
        assert told()["money"].startswith("month $0.00")
