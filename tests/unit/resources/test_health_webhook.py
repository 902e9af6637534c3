import pytest
from pydantic import ValidationError

from reconciler.json_types import JsonObject
from reconciler.resources.health_webhook import HealthWebhook

GOOD: JsonObject = {
    "url": "https://hooks.example.com/x?team=a",
    "secret": {"valueFrom": {"env": "HOOK_TOKEN"}},
}


def test_what_it_takes() -> None:
    HealthWebhook.model_validate(GOOD)
    HealthWebhook.model_validate(
        {**GOOD, "url": "http://127.0.0.1:8080", "events": ["unhealthy"], "timeout": "3s"}
    )


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://user:word@hooks.example.com"},
        {"url": "ftp://hooks.example.com"},
        {"url": "https://hooks.example.com:0"},
        {"url": "https://hooks.example.com:99999"},
        {"url": "https://"},
        {"secret": None},
        {"events": []},
        {"events": ["anything"]},
    ],
)
def test_what_it_refuses(change: JsonObject) -> None:
    with pytest.raises(ValidationError):
        HealthWebhook.model_validate({**GOOD, **change})
