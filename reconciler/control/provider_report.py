"""What came of asking a provider: one finding for each thing that was asked, in plain words. No secret is in it."""

from dataclasses import dataclass, field
from typing import Literal

from reconciler.json_types import JsonObject
from reconciler.resources.resource import ResourceKey

Outcome = Literal["ok", "failed", "skipped"]
BUILT, REACHABLE, AUTHENTICATED, MODELS, CHAT = "built", "reachable", "authenticated", "models", "chat"
CHECKS = (BUILT, REACHABLE, AUTHENTICATED, MODELS, CHAT)
"""What is asked, in the order in which one thing stands on another. BUILT: its config, secrets and TLS go together."""


@dataclass(frozen=True, slots=True)
class Checked:
    """`message` says what is so, `hint` what to do where it is wrong. `seconds`: how long the answer took, where one came."""

    check: str
    outcome: Outcome
    message: str
    hint: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class ProviderReport:
    """`models` are those that it lists, by its own names; `missing` those that Bindings name and it does not list.

    `answer` is how the answer to a chat begins.
    """

    provider: ResourceKey
    type: str
    enabled: bool
    checks: tuple[Checked, ...]
    models: tuple[str, ...] = ()
    missing: tuple[str, ...] = field(default=())
    answer: str | None = None

    @property
    def ok(self) -> bool:
        return all(each.outcome != "failed" for each in self.checks)

    @property
    def seconds(self) -> float | None:
        """How long the first answer took."""
        return next((each.seconds for each in self.checks if each.seconds is not None), None)

    @property
    def failure(self) -> Checked | None:
        """The first thing that is wrong."""
        return next((each for each in self.checks if each.outcome == "failed"), None)

    def data(self) -> JsonObject:
        return {
            "provider": self.provider.name,
            "namespace": self.provider.namespace,
            "type": self.type,
            "enabled": self.enabled,
            "ok": self.ok,
            "latencyMs": _milliseconds(self.seconds),
            "checks": [
                {
                    "check": each.check,
                    "outcome": each.outcome,
                    "message": each.message,
                    "hint": each.hint,
                    "latencyMs": _milliseconds(each.seconds),
                }
                for each in self.checks
            ],
            "models": [*self.models],
            "missingModels": [*self.missing],
            "answer": self.answer,
        }


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def report_of(data: JsonObject) -> ProviderReport:
    """The inverse of `data`, to the millisecond. Raises ValueError for what is none."""
    try:
        return ProviderReport(
            ResourceKey("Provider", _text(data, "namespace"), _text(data, "provider")),
            _text(data, "type"),
            data["enabled"] is True,
            tuple(_checked(each) for each in _list(data, "checks")),
            tuple(str(each) for each in _list(data, "models")),
            tuple(str(each) for each in _list(data, "missingModels")),
            _text(data, "answer") if data.get("answer") is not None else None,
        )
    except (KeyError, TypeError) as error:
        raise ValueError("that is no report of a provider") from error


def _checked(data: object) -> Checked:
    if not isinstance(data, dict):
        raise TypeError("a check is an object")
    outcome, latency = data["outcome"], data.get("latencyMs")
    said: Outcome = "ok" if outcome == "ok" else "skipped" if outcome == "skipped" else "failed"
    seconds = latency / 1000 if isinstance(latency, int) else None
    return Checked(_text(data, "check"), said, _text(data, "message"), _text(data, "hint"), seconds)


def _text(data: JsonObject, name: str) -> str:
    value = data[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value


def _list(data: JsonObject, name: str) -> list[object]:
    value = data[name]
    if not isinstance(value, list):
        raise TypeError(f"{name} is no list")
    return [*value]
