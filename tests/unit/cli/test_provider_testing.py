import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import click
import pytest

from reconciler.bootstrap.provider_test import Asked
from reconciler.cli.provider_testing import ask_all
from reconciler.cli.session import Session
from reconciler.cli.surroundings import Given
from reconciler.control.provider_report import Checked, ProviderReport
from reconciler.errors import Unreachable
from reconciler.resources.resource import ResourceKey

NOWHERE: Given = ((), (), (), ())
REPORT = ProviderReport(
    ResourceKey("Provider", "team", "a/b"), "ollama", enabled=True, checks=(Checked("built", "ok", "it was"),)
)


@dataclass(frozen=True)
class Answer:
    told: object

    def json(self) -> object:
        return self.told


@dataclass(frozen=True)
class Url:
    url: str = "https://h"


@dataclass
class Connection:
    """Answers each question alike, and keeps what was asked."""

    told: object
    server: Url = Url()
    asked: list[tuple[str, object]] = field(default_factory=list)

    def post(self, path: str, *, query: Mapping[str, str], seconds: float) -> Answer:
        assert seconds > 60
        self.asked.append((path, query))
        return Answer(self.told)


@dataclass
class Remote:
    connection: Connection
    namespace: str | None = "team"
    is_remote: bool = True
    environ: Mapping[str, str] = field(default_factory=dict)


def session(told: object) -> tuple[Session, Connection]:
    connection = Connection(told)
    return cast("Session", cast("Any", Remote(connection))), connection


def test_a_server_asks_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    remote, connection = session(REPORT.data())
    assert ask_all(remote, ["a/b"], Asked(chat=True, model="m"), NOWHERE, "json") == 0
    assert connection.asked == [
        ("/v1/providers/a%2Fb/test", {"namespace": "team", "chat": "true", "model": "m"})
    ]
    assert json.loads(capsys.readouterr().out)["provider"] == "a/b"


def test_what_it_may_reach_is_its_own_to_say() -> None:
    remote, _ = session(REPORT.data())
    with pytest.raises(click.UsageError, match="is the server's to say"):
        ask_all(remote, ["a"], Asked(), (("X_*",), (), (), ()), "text")


@pytest.mark.parametrize("told", [{}, [], {"provider": 1}])
def test_what_is_no_report(told: object) -> None:
    remote, _ = session(told)
    with pytest.raises(Unreachable, match="https://h told no report of a test"):
        ask_all(remote, ["a"], Asked(), NOWHERE, "text")
