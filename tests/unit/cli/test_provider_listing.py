import pytest
from fakes.command import Routerctl, served
from fakes.workers import live_health, live_worker

from reconciler.cli.provider_listing import Sought, list_providers
from reconciler.cli.session import Session
from reconciler.store.health import CircuitRow


def shown(routerctl: Routerctl, output: str = "wide", **environ: str) -> list[str]:
    list_providers(Session(environ, str(routerctl.db)), Sought(), output)
    return routerctl.capsys.readouterr().out.splitlines()


def test_the_health_of_a_request_that_goes_there_now(routerctl: Routerctl) -> None:
    names = ("ill", "off", "refused", "well")
    routerctl.apply(*(served(name, enabled=name != "off") for name in names))
    builds = {f"Provider/{name}": 1 for name in ("ill", "well")}
    live_worker(routerctl.db, revision=1, refused=(("Provider/refused", "there is no key"),), builds=builds)
    live_health(routerctl.db, CircuitRow("w1", "Provider/ill", "", "open", 0.0, "status 500"))
    lines = shown(routerctl)
    found = {line.split()[0]: line for line in lines[1:]}
    assert "unhealthy" in found["ill"]
    assert "disabled" in found["off"]
    assert ("not ready" in found["refused"], "there is no key" in found["refused"]) == (True, True)
    assert "   healthy   " in found["well"]


def test_a_line_has_the_colour_of_its_health(routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    routerctl.apply(served("off", enabled=False))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.utils.should_strip_ansi", lambda *_: False)
    assert "\x1b[90m" in shown(routerctl, "table")[1]
    assert "\x1b" not in shown(routerctl, "table", NO_COLOR="1")[1]
