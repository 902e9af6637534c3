from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.provider_types.qwen_config import QwenDirectConfig

GIVEN: dict[str, Any] = {"unofficial": True, "token": "t-canary-token", "cookies": "a=b; c=d"}


def test_it_must_be_said_that_it_is_unofficial() -> None:
    for wrong in ({**GIVEN, "unofficial": False}, {name: GIVEN[name] for name in ("token", "cookies")}):
        with pytest.raises(ValidationError, match="unofficial"):
            QwenDirectConfig.model_validate(wrong)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("toolCalling", "native"),
        ("userAgent", "two\nlines"),
        ("expiresAt", "tomorrow"),
        ("expiresAt", 1_763_000_000),
        ("expiresAt", "2026-12-01T00:00:00"),
        ("expiresAt", "2026-13-01T00:00:00Z"),
    ],
)
def test_what_is_no_config(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        QwenDirectConfig.model_validate({**GIVEN, field: value})


def test_tls_needs_https() -> None:
    assert QwenDirectConfig.model_validate({**GIVEN, "tls": {"serverName": "x"}}).tls is not None
    with pytest.raises(ValidationError, match="plain http"):
        QwenDirectConfig.model_validate({**GIVEN, "baseURL": "http://site", "tls": {"serverName": "x"}})
