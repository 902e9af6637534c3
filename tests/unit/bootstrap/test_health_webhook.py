import asyncio
import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes.loop import on_loop
from fakes.store import commit_all, put
from fakes.upstream import Answer, FakeUpstream
from fakes.waiting import until

from reconciler.bootstrap import health_webhook
from reconciler.bootstrap.health_webhook import HealthWebhook, Surroundings, telling
from reconciler.json_types import JsonValue
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.secrets.signing import signature
from reconciler.secrets.value import SecretValue
from reconciler.settings import Reach
from reconciler.store.health import CircuitRow, Told
from reconciler.store.health_records import HealthRecords
from reconciler.store.observations import Observations, WorkerRow
from reconciler.store.url import StoreLocation
from reconciler.store.webhook import WebhookRecords

SECRET = "0123456789abcdef-secret"
SETTINGS = ResourceKey("Settings", "default", "default")


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Stand:
    """A store whose Settings have a webhook, and a live worker."""

    def __init__(self, folder: Path, url: str | None, **more: JsonValue) -> None:
        self.clock = Clock()
        self.location = StoreLocation(folder / "r.db", folder / "r.records.db")
        told: JsonValue = {
            "url": url,
            "secret": {"valueFrom": {"env": "HOOK_TOKEN"}},
            "timeout": "1s",
            **more,
        }
        commit_all(
            self.location.config_path, [put(Resource(SETTINGS, {"healthWebhook": told} if url else {}))]
        )
        self.observations = Observations(self.location.records_path)
        self.environ = {"HOOK_TOKEN": SECRET}

    def close(self) -> None:
        self.observations.close()

    def webhook(self, holder: str = "one", **environ: str) -> HealthWebhook:
        around = Surroundings(
            self.location, self.observations, Reach(), self.clock, holder, {**self.environ, **environ}
        )
        return HealthWebhook(around, chance=lambda: 1.0)

    def says(self, *open_models: str) -> None:
        """What the worker's circuits are now."""
        now = self.clock.now().timestamp()
        self.observations.put_worker(WorkerRow("w", 1, now, now, 1))
        rows = [CircuitRow("w", "Provider/up", model, "open", now, "status 500") for model in open_models]
        HealthRecords(self.observations).exchange(Told("w", now, rows))


def types(up: FakeUpstream) -> list[tuple[str, str]]:
    told = [json.loads(request.body) for request in up.requests]
    return [(each["type"], each["data"]["model"]) for each in told]


@on_loop
async def test_each_change_is_told_once_and_signed(tmp_path: Path) -> None:
    async with FakeUpstream(Answer(status=204)) as up:
        with closing(Stand(tmp_path, up.url)) as stand:
            stand.says("a")
            one, other = stand.webhook(), stand.webhook("other")
            for webhook in (one, one, other):
                await webhook.turn()
            stand.clock.move(60)
            stand.says("b")
            await other.turn()  # whoever had the turn is gone
    assert types(up) == [
        ("provider.circuit-opened", "a"), ("provider.circuit-closed", "a"), ("provider.circuit-opened", "b")
    ]  # fmt: skip
    first = up.requests[0]
    message, moment = first.header("webhook-id") or "", int(first.header("webhook-timestamp") or 0)
    assert first.header("webhook-signature") == signature(SecretValue(SECRET), message, moment, first.body)
    assert SECRET.encode() not in first.body


@on_loop
async def test_what_can_not_be_sent_waits_and_the_log_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with FakeUpstream(Answer(status=500)) as up:
        with closing(Stand(tmp_path, up.url)) as stand:
            stand.says("a")
            webhook = stand.webhook()
            await webhook.turn()
            await webhook.turn()
            assert len(up.requests) == 1
            stand.clock.move(health_webhook.FIRST_PAUSE)
            stand.says("a")
            await webhook.turn()
            up.answer = Answer(status=204)
            stand.clock.move(2 * health_webhook.FIRST_PAUSE)
            stand.says("a")
            await webhook.turn()
    assert len(up.requests) == 3
    assert len({request.header("webhook-id") for request in up.requests}) == 1
    said = [message for message in caplog.messages if "health" in message]
    assert said == [
        "changes of providers' health can't be told to the webhook: status 500",
        "changes of providers' health are told to the webhook again",
    ]


@on_loop
async def test_its_turn_ends_with_it(tmp_path: Path) -> None:
    async with FakeUpstream(Answer(status=204)) as up:
        with closing(Stand(tmp_path, up.url)) as stand:
            stand.says("a")
            running = asyncio.create_task(stand.webhook().run())
            await until(lambda: up.requests, "a message")
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            stand.says("b")
            await stand.webhook("other").turn()
    assert len(up.requests) > 1


@on_loop
async def test_a_message_is_given_up_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_webhook, "ATTEMPTS", 1)
    async with FakeUpstream(Answer(status=500)) as up:
        with closing(Stand(tmp_path, up.url)) as stand:
            stand.says("a")
            await stand.webhook().turn()
            assert WebhookRecords(stand.observations).next() is None


@on_loop
async def test_who_is_gone_or_may_not_be_reached_or_has_no_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with FakeUpstream(Answer(status=410)) as up:
        with closing(Stand(tmp_path / "1", up.url)) as stand:
            stand.says("a")
            await stand.webhook().turn()
            assert WebhookRecords(stand.observations).next() is None
        with closing(Stand(tmp_path / "2", "http://169.254.169.254/x")) as stand:
            stand.says("a")
            await stand.webhook().turn()
            assert "no provider may be there" in caplog.text
        with closing(Stand(tmp_path / "3", up.url)) as stand:
            stand.says("a")
            await stand.webhook(HOOK_TOKEN="short").turn()
            assert "shorter than" in caplog.text
    assert len(up.requests) == 1


@on_loop
async def test_only_what_is_wanted_is_told_and_without_a_webhook_nothing(tmp_path: Path) -> None:
    async with FakeUpstream(Answer(status=204)) as up:
        with closing(Stand(tmp_path / "1", up.url, events=["unhealthy"])) as stand:
            stand.says("a")
            await stand.webhook().turn()
            assert WebhookRecords(stand.observations).told() != frozenset()
        with closing(Stand(tmp_path / "2", None)) as stand:
            stand.says("a")
            await stand.webhook().turn()
            assert WebhookRecords(stand.observations).told() == frozenset()
    assert up.requests == []


@on_loop
async def test_records_that_can_not_be_used_end_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Stand(tmp_path, "http://127.0.0.1:9/x")) as stand:
        stand.location.records_path.write_bytes(b"no database" * 100)
        await stand.webhook().turn()
        told = telling(stand.location, stand.observations, Reach(), {}, stand.clock, ())
        task = asyncio.create_task(told)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert "can't be told" in caplog.text
