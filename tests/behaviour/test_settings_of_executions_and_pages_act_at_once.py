"""Settings.execution and Settings.cors: applied, followed, and in force with the next request, in a gateway that goes on."""

import asyncio

import httpx2
from fakes.applied_gateway import AppliedGateway
from fakes.command import Routerctl, manifest, served
from fakes.in_process import asking
from fakes.transports import ScriptedTransports

from reconciler.gateway.app import data_plane
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.telemetry import Telemetry
from reconciler.json_types import JsonObject

ORIGIN = "https://app.example.com"
ASKING = {"origin": ORIGIN, "access-control-request-method": "POST", "access-control-request-headers": "x-a"}


def settings(**spec: JsonObject) -> str:
    return manifest("Settings", "default", {**spec})


def test_retries_are_those_of_the_settings_where_a_provider_says_none(routerctl: Routerctl) -> None:
    gateway = AppliedGateway(routerctl, down=["a", "b"])
    quick: JsonObject = {"attempts": 2, "backoff": "0ms"}
    stood = (
        served("a", retry=quick),
        manifest("Provider", "b", {"type": "simulator", "config": {}}),
        manifest("Binding", "b", {"model": "a", "provider": "b", "priority": -1}),
    )
    gateway.apply(*stood)
    assert gateway.chat(model="a").providers == ["a", "a", "b"]
    gateway.apply(*stood, settings(execution={"maxRetries": 1}))
    assert gateway.chat(model="a").providers == ["a", "a", "b", "b"]


def test_a_page_is_let_in_by_settings_and_out_again_without_a_new_start(routerctl: Routerctl) -> None:
    gateway = AppliedGateway(routerctl)
    plane = data_plane(gateway, ScriptedTransports(lambda _: None), Telemetry(), memory=Memory())

    def asked(method: str, **headers: str) -> httpx2.Response:
        assert gateway.current is not None
        plane.published(gateway.current)

        async def whole() -> httpx2.Response:
            async with asking(plane) as client:
                return await client.request(method, "/v1/models", headers=headers)

        return asyncio.run(whole())

    gateway.apply(served("a"))
    assert asked("GET", origin=ORIGIN).status_code == 403
    gateway.apply(
        served("a"),
        settings(cors={"origins": [ORIGIN], "credentials": True, "headers": ["x-a"], "maxAge": "5s"}),
    )
    preflight, read = asked("OPTIONS", **ASKING), asked("GET", origin=ORIGIN)
    assert (preflight.status_code, read.status_code) == (204, 200)
    assert preflight.headers["access-control-max-age"] == "5"
    for answer in (preflight, read):
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-allow-credentials"] == "true"
    assert asked("GET", origin="https://other.example").status_code == 403
    gateway.apply(served("a"))
    assert asked("GET", origin=ORIGIN).status_code == 403
