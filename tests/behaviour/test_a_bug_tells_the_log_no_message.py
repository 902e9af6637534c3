"""Starlette raises again what an endpoint raised, and uvicorn logs it. A message may repeat what must not be kept."""

import io
import logging
import socket
from asyncio import create_task
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from fakes.doors import OpenDoor
from fakes.loop import on_loop
from fakes.serving import EchoAdapter, built, candidate, namespace, served, snapshot
from fakes.waiting import until
from starlette.types import ASGIApp

from reconciler.bootstrap.http_server import http_server
from reconciler.gateway.app import DataPlane, data_plane
from reconciler.gateway.telemetry import Telemetry
from reconciler.gateway.transport.base import Transport
from reconciler.log import FORMAT, DiscreetFormatter
from reconciler.management.app import build_app as build_management
from reconciler.management.status import Status
from reconciler.snapshot.model import Snapshot, Upstream
from reconciler.store.counters import Counters

SECRET = "sk-bug-canary-0123456789"
CHAT = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


class Bugs:
    """All that a listener asks, and every answer is an exception."""

    @property
    def current(self) -> Snapshot | None:
        raise ValueError(SECRET)

    def status(self) -> Status:
        raise ValueError(SECRET)

    def counters(self) -> Counters:
        raise ValueError(SECRET)

    def not_ready(self) -> str | None:
        raise ValueError(SECRET)


class NoTransports:
    def get(self, upstream: Upstream) -> Transport:
        raise ValueError(SECRET)


class Serving:
    current = snapshot(namespace(served("m", candidate(built("p", EchoAdapter("p"), "http")))))


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What a process of ours would write at DEBUG, of libraries too."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(DiscreetFormatter(FORMAT))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    root.removeHandler(handler)


@asynccontextmanager
async def listening(app: ASGIApp | DataPlane) -> AsyncIterator[httpx2.AsyncClient]:
    bound = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    if isinstance(app, DataPlane):
        server = http_server(app.app, hot=app.hot, grace_seconds=1)
    else:
        server = http_server(app, grace_seconds=1)
    task = create_task(server.serve(sockets=[bound]))
    await until(lambda: server.started, "the start of the server")
    try:
        async with httpx2.AsyncClient(base_url=url, trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        await task


async def ask(client: httpx2.AsyncClient, path: str) -> httpx2.Response:
    if path.startswith("/v1/chat"):
        return await client.post(path, json=CHAT)
    return await client.get(path)


@pytest.mark.parametrize("path", ["/readyz", "/v1/models", "/v1/models/m"])
@on_loop
async def test_of_the_gateway(path: str, log: io.StringIO) -> None:
    async with listening(data_plane(Bugs(), NoTransports(), Telemetry())) as client:
        answer = await ask(client, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    assert_discreet(log, answer)


@on_loop
async def test_of_a_completion(log: io.StringIO) -> None:
    async with listening(data_plane(Serving(), NoTransports(), Telemetry())) as client:
        answer = await ask(client, "/v1/chat/completions")
    assert answer.status_code == 500
    assert f"request {answer.headers['x-routerctl-request-id']} ended with a bug" in log.getvalue()
    assert_discreet(log, answer)


@pytest.mark.parametrize("path", ["/readyz", "/status", "/metrics"])
@on_loop
async def test_of_the_management_listener(path: str, log: io.StringIO) -> None:
    async with listening(build_management(Bugs(), OpenDoor())) as client:
        answer = await ask(client, path)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert_discreet(log, answer)


def assert_discreet(log: io.StringIO, answer: httpx2.Response) -> None:
    text = log.getvalue()
    assert "\nValueError\n" in text
    assert f'File "{__file__}"' in text
    assert SECRET not in text
    assert SECRET not in answer.text
