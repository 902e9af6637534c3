import pytest
from pydantic import ValidationError

from reconciler.json_types import JsonObject
from reconciler.resources.cors import Cors


@pytest.mark.parametrize(
    "spec",
    [
        {"origins": ["https://app.example.com", "http://localhost:3000", "http://[::1]:8080"]},
        {"origins": ["*"], "headers": ["authorization", "x-task-type"], "maxAge": "24h"},
        {"origins": ["https://app.example.com"], "credentials": True},
    ],
)
def test_what_it_takes(spec: JsonObject) -> None:
    Cors.model_validate(spec)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"origins": []}, "at least 1"),
        ({"origins": ["https://app.example.com/"]}, "expected an origin"),
        ({"origins": ["app.example.com"]}, "expected an origin"),
        ({"origins": ["null"]}, "expected an origin"),
        ({"origins": ["https://*.example.com"]}, "expected an origin"),
        ({"origins": ["*", "https://a.example"]}, "stands for all"),
        ({"origins": ["*"], "credentials": True}, "named"),
        ({"origins": ["https://a.example"], "headers": ["a b"]}, "header"),
        ({"origins": ["https://a.example"], "maxAge": "25h"}, "at most 24h"),
    ],
)
def test_what_it_refuses(spec: JsonObject, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Cors.model_validate(spec)
