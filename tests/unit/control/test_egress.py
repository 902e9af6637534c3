import socket
import threading
from collections.abc import Sequence
from ipaddress import ip_address

import pytest
from fakes.states import stored
from fakes.workshop import simulator

from reconciler.control.egress import CutOff, allowing, cut_off, look_up
from reconciler.json_types import JsonObject
from reconciler.provider_types.destinations import Address
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.snapshot.egress import Place

NAMES = {
    "llm.lan": ["10.0.0.5"],
    "both.lan": ["10.0.0.6", "8.8.8.8"],
    "api.example.com": ["93.184.216.34"],
    "localhost": ["127.0.0.1", "::1"],
    "meta.lan": ["169.254.169.254"],
}
SETTINGS = ResourceKey("Settings", "default", "default")


def looked_up(place: Place) -> Sequence[Address]:
    found = NAMES.get(place.host)
    if found is None:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")
    return [ip_address(each) for each in found]


def provider(name: str, url: str, namespace: str = "default", **spec: object) -> Resource:
    written: JsonObject = {"type": "openai-compatible", "config": {"baseURL": url}, **spec}  # type: ignore[dict-item]  # JSON
    return Resource(ResourceKey("Provider", namespace, name), written)


def settings(**egress: object) -> Resource:
    return Resource(SETTINGS, {"egress": egress})  # type: ignore[dict-item]  # JSON as tests write it


def found(*resources: Resource) -> CutOff:
    return cut_off(state(*resources), looked_up)


def state(*resources: Resource) -> dict[ResourceKey, StoredResource]:
    return {each.key: stored(each) for each in resources}


def test_who_would_be_cut_off_and_the_lines_that_keep_them() -> None:
    told = found(
        provider("local", "http://localhost:1234/v1"),
        provider("ollama", "http://127.0.0.1:11434/v1"),
        provider("second", "http://127.0.0.1:8000/v1", "team-a"),
        provider("lan", "https://llm.lan/v1"),
        provider("both", "http://both.lan/v1"),
        provider("public", "https://api.example.com/v1"),
        simulator("sim"),
    )
    assert [str(key) for key in told.providers] == [
        "Provider/lan",
        "Provider/local",
        "Provider/ollama",
        "Provider/team-a/second",
    ]
    assert told.lines == (
        "- {host: llm.lan, ports: [443]}",
        "- {host: localhost, ports: [1234]}",
        "- {network: 127.0.0.1, ports: [8000, 11434]}",
    )
    assert "a private address" in told.providers[ResourceKey("Provider", "default", "lan")]
    assert told.unknown == ()


@pytest.mark.parametrize(
    "resource",
    [
        provider("off", "http://10.0.0.5/v1", enabled=False),
        provider("refused already", "http://meta.lan/v1"),
        provider("no url", "nonsense"),
    ],
)
def test_who_loses_nothing(resource: Resource) -> None:
    assert found(resource) == CutOff({}, ())


def test_what_leads_nowhere_is_told_apart() -> None:
    told = found(provider("gone", "http://gone.lan/v1"))
    assert (told.providers, told.unknown) == ({}, (ResourceKey("Provider", "default", "gone"),))


def test_who_is_allowed_already_is_not_cut_off() -> None:
    allowed = settings(allow=[{"network": "10.0.0.0/8"}])
    assert found(allowed, provider("lan", "https://llm.lan/v1")).providers == {}
    management = Resource(SETTINGS, {"auth": {"management": {"clientCertificates": {"ci": "admin"}}}})
    assert found(management, provider("lan", "https://llm.lan/v1")).providers == {}


def test_a_name_server_that_says_nothing_keeps_nobody_waiting() -> None:
    never = threading.Event()

    def silent(_: Place) -> Sequence[Address]:
        never.wait(10)
        return ()

    told = cut_off(state(provider("slow", "http://slow.lan/v1")), silent, 0.01)
    never.set()
    assert [key.name for key in told.unknown] == ["slow"]


def test_the_patch_keeps_what_is_allowed_already() -> None:
    entry: JsonObject = {"host": "a.b"}
    assert allowing({}, [entry]) == {"egress": {"allow": [entry]}}
    before: JsonObject = {"egress": {"allow": [{"network": "10.0.0.0/8"}, entry]}}
    assert allowing(before, [entry, {"host": "c.d"}]) == {
        "egress": {"allow": [{"network": "10.0.0.0/8"}, entry, {"host": "c.d"}]}
    }


def test_names_are_looked_up_here() -> None:
    assert ip_address("127.0.0.1") in look_up(Place("localhost", 80))
