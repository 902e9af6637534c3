"""Apply then diff is empty, export then apply is no change; secrets, defaults and odd writings included."""

from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest, served
from fakes.specs import documents
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.control.manifest.emitter import to_yaml
from reconciler.json_types import JsonObject

UPSTREAM: JsonObject = {
    "type": "openai-compatible",
    "displayName": "yes",
    "description": "one\n\n  two: three\n",
    "config": {
        "baseURL": "http://localhost:1/v1",
        "apiKey": "sk-canary",
        "timeout": "1m30s",
        "connectTimeout": 1000,
        "headers": {"x-team": "1e3"},
    },
}
EVERYTHING = "".join(
    (
        manifest("Provider", "u", UPSTREAM, labels={"team": "x"}, annotations={"note": " a\nb "}),
        manifest(
            "Secret", "s", {"data": {"K": {"value": "sk-canary"}, "E": {"valueFrom": {"env": "A_TOKEN"}}}}
        ),
        served("m", enabled=False),
        manifest("Model", "o", {"aliases": ["org/*", "2026-01-01"]}, namespace="team"),
        manifest("Settings", "default", {"defaultModel": "m"}),
    )
)


def test_apply_then_diff_is_empty(routerctl: Routerctl) -> None:
    routerctl.apply(EVERYTHING)
    done = routerctl("diff", "-f", routerctl.manifests, "--prune")
    assert (done.code, done.out) == (0, "No changes against revision 1.\n")


def test_export_then_apply_is_no_change(routerctl: Routerctl) -> None:
    routerctl.apply(EVERYTHING)
    exported = routerctl.ok("export")
    assert "sk-canary" not in exported
    done = routerctl("diff", "-f", "-", stdin=exported)
    assert (done.code, done.out) == (0, "No changes against revision 1.\n")
    assert routerctl.ok("apply", "-f", "-", stdin=exported).startswith("No changes. Revision 1 is the head,")
    assert routerctl.ok("export") == exported


def test_another_writing_of_the_same_value_is_no_change(routerctl: Routerctl) -> None:
    routerctl.apply(EVERYTHING)
    for written in ("90s", "90000ms"):
        routerctl.write("a.yaml", EVERYTHING.replace("1m30s", written))
        assert routerctl("diff", "-f", routerctl.manifests).code == 0


def test_a_changed_secret_is_a_change_that_shows_nothing(routerctl: Routerctl) -> None:
    routerctl.apply(EVERYTHING)
    routerctl.write("a.yaml", EVERYTHING.replace("sk-canary", "sk-canary-2"))
    done = routerctl("diff", "-f", routerctl.manifests)
    assert done.code == 1
    assert done.out.count("(changed, fingerprint ") == 2
    assert "canary" not in done.out + done.err


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(documents().filter(lambda data: data["kind"] in {"Model", "Secret"}), min_size=1, max_size=3))
def test_whatever_is_declared(
    routerctl: Routerctl, tmp_path_factory: pytest.TempPathFactory, data: list[JsonObject]
) -> None:
    text = to_yaml([{**one, "metadata": {"name": f"n{number}"}} for number, one in enumerate(data)])
    if routerctl("validate", "-f", "-", "--closed", stdin=text).code:
        return  # two of them claim one alias
    folder = tmp_path_factory.mktemp("store")
    here = Routerctl(Path(folder), routerctl.capsys, routerctl.monkeypatch)
    here.apply(text)
    assert here("diff", "-f", here.manifests).code == 0
    assert here.ok("apply", "-f", "-", stdin=here.ok("export")).startswith("No changes.")
