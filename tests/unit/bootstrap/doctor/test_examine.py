import sqlite3

from fakes.command import Routerctl, manifest, served
from fakes.workers import live_worker

from reconciler.bootstrap.doctor.examine import Examination
from reconciler.clock import SystemClock
from reconciler.settings import Reach
from reconciler.store.url import parse


def levels(routerctl: Routerctl, *, online: bool = False) -> dict[str, str]:
    """By check; the worst of each."""
    examination = Examination(
        parse(str(routerctl.db)), {}, Reach(), SystemClock(), "routerctl", online=online
    )
    found: dict[str, str] = {}
    for each in examination.findings():
        found[each.check] = max(found.get(each.check, "ok"), each.level, key=["ok", "warning", "error"].index)
    return found


def test_all_is_looked_at(routerctl: Routerctl) -> None:
    assert levels(routerctl) == {"store": "warning", "permissions": "ok", "disk": "ok", "key": "ok"}
    url = {"type": "openai-compatible", "config": {"baseURL": "https://a.example/v1", "apiKey": "sk-x"}}
    routerctl.apply(served("m"), manifest("Provider", "far", {**url, "enabled": False}))  # type: ignore[dict-item]  # JSON
    sound = dict.fromkeys(
        ("store", "permissions", "disk", "file", "record", "key", "providers", "clock"), "ok"
    )
    assert levels(routerctl) == {**sound, "workers": "warning"}
    live_worker(routerctl.db, revision=1, lives=3)
    assert {**levels(routerctl), "listeners": "ok"} == {**sound, "workers": "ok", "listeners": "ok"}


def test_what_is_told_online_is_told_beside_the_rest(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    assert levels(routerctl, online=True)["online"] == "ok"


def test_what_breaks_the_look_is_a_finding(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    connection = sqlite3.connect(routerctl.db)
    connection.execute("ALTER TABLE version RENAME TO lost")
    connection.commit()
    connection.close()
    assert levels(routerctl)["store"] == "error"
