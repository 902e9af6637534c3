import pytest
from fakes.states import after, planned

from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.state import State
from reconciler.snapshot.recording import Recording, recording


def said(spec: JsonObject, namespace: str = "default") -> Recording:
    settings = Resource(ResourceKey("Settings", namespace, "default"), spec)
    return recording(after(State(), planned({settings.key: settings}, State()).edits))


def test_without_settings_requests_are_recorded_for_a_week() -> None:
    assert recording({}) == said({}) == Recording(True, 604_800_000, 536_870_912, 0)


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        ({"retention": "24h"}, Recording(retention=86_400_000)),
        ({"retention": 60_000}, Recording(retention=60_000)),
        ({"records": {"requests": False}}, Recording(requests=False)),
        ({"records": {"maxSizeMiB": 1}}, Recording(max_bytes=1_048_576)),
        ({"records": {"bodies": True}}, Recording(body_bytes=65_536)),
        ({"records": {"bodies": True, "maxBodyKiB": 1}}, Recording(body_bytes=1024)),
        ({"records": {"maxBodyKiB": 1}}, Recording()),
    ],
)
def test_settings_say_otherwise(spec: JsonObject, wanted: Recording) -> None:
    assert said(spec) == wanted


def test_those_of_other_namespaces_do_not_count() -> None:
    assert said({"retention": "24h"}, "team-a") == Recording()
