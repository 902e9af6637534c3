import pytest
from fakes.command import SIMULATOR, Routerctl, manifest
from fakes.workers import live_health, live_worker

from reconciler.json_types import JsonValue
from reconciler.store.health import CircuitRow

TARGETS: JsonValue = [
    {"model": "n", "timeout": "30s"},
    {"model": "m", "provider": "a"},
    {"model": "m", "provider": "b"},
]


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.write(
        "a.yaml",
        manifest("Provider", "a", {**SIMULATOR}),
        manifest("Provider", "b", {**SIMULATOR, "enabled": False}),
        manifest("Model", "m", {"aliases": ["small"], "capabilities": ["chat"]}),
        manifest("Model", "n", {}),
        manifest("Binding", "m-a", {"model": "m", "provider": "a"}),
        manifest("Binding", "m-b", {"model": "m", "provider": "b"}),
        manifest("Binding", "n-a", {"model": "n", "provider": "a", "upstreamModel": "up"}),
        manifest(
            "Route", "code", {"match": {"taskTypes": ["code"]}, "strategy": "weighted", "targets": TARGETS}
        ),
        manifest(
            "Route",
            "team",
            {
                "match": {"headers": [{"name": "X-Team", "value": "x, y"}]},
                "targets": [{"model": "m"}],
                "timeouts": {"total": "90s"},
                "hedge": {"delay": "300ms"},
            },
        ),
    )
    routerctl.ok("apply", "-f", routerctl.manifests)
    return routerctl


def test_text(filled: Routerctl) -> None:
    lines = [
        line.split()
        for line in filled.ok("route", "explain", "--model", "small", "--task", "code").splitlines()
    ]
    assert lines[:4] == [
        ["Revision:", "1"],
        ["Asked:", "small"],
        ["Model:", "m"],
        ["Route:", "code,", "strategy", "weighted"],
    ]
    assert lines[5:8] == [
        ["TRY", "PROVIDER", "MODEL", "THERE", "BINDING", "TIMEOUT"],
        ["1", "a", "up", "n-a", "30s"],
        ["2", "a", "m", "m-a", "120s"],
    ]
    assert ["m@b:", "the", "Provider", "is", "disabled"] in lines
    assert any("spreads requests by weight" in " ".join(line) for line in lines)


def test_what_it_asks_beside_who_serves(filled: Routerctl) -> None:
    lines = filled.ok("route", "explain", "--header", "X-Team:x, y").splitlines()
    assert "Policy:    at most 90 s; hedged after 0.3 s, at most 10 %" in lines


def test_json(filled: Routerctl) -> None:
    told = filled("route", "explain", "--header", "X-Team: x", "--header", "x-team:y", "-o", "json").json()
    assert told == {
        "revision": 1,
        "namespace": "default",
        "asked": None,
        "model": "m",
        "route": "team",
        "strategy": "priority",
        "policy": ["at most 90 s", "hedged after 0.3 s, at most 10 %"],
        "clientRefused": None,
        "candidates": [
            {
                "provider": "a",
                "binding": "m-a",
                "upstreamModel": "m",
                "timeoutMilliseconds": 120000,
                "attempts": 1,
            }
        ],
        "skipped": [{"target": "m@b", "reason": "the Provider is disabled"}],
        "missed": [{"route": "code", "reason": "another task type"}],
        "error": None,
        "reported": {"workers": 0, "ageMilliseconds": None, "candidates": []},
    }


def test_what_live_workers_report_is_told_as_theirs_with_its_age(filled: Routerctl) -> None:
    text = filled.ok("route", "explain", "--model", "m")
    assert text.endswith("No worker is live, so nobody reports how these do.\n")
    live_worker(filled.db, revision=1)
    live_health(filled.db, CircuitRow("w1", "Provider/a", "m", "open", 1.0, "status 503", 2.0))
    text = filled.ok("route", "explain", "--model", "m")
    assert (
        "What 1 live worker reports, heard 0.0 s ago or later (it is no part of the decision above):" in text
    )
    assert "  a, model m: open, in 1 of 1 worker; last failure: status 503; next try now\n" in text
    told = filled("route", "explain", "--model", "m", "-o", "json").json()
    assert isinstance(told, dict)
    assert told["reported"] == {
        "workers": 1,
        "ageMilliseconds": 0,
        "candidates": [
            {
                "provider": "a",
                "model": "m",
                "state": "open",
                "workers": 1,
                "message": "in 1 of 1 worker; last failure: status 503; next try now",
            }
        ],
    }


def test_who_is_asked_again_is_told(filled: Routerctl) -> None:
    assert "Asked again" not in filled.ok("route", "explain", "--model", "m")
    filled.write(
        "a.yaml", manifest("Provider", "a", {**SIMULATOR, "retry": {"attempts": 3, "statuses": [503]}})
    )
    filled.ok("apply", "-f", filled.manifests)
    text = filled.ok("route", "explain", "--model", "m")
    assert "Asked again, before the next one is:\n  a: 3 attempts after 503, backoff 0.25 s\n" in text


def test_what_nobody_serves_ends_with_6(filled: Routerctl) -> None:
    header = ("--header", "X-Team:x, y", "--needs", "tools")
    found = filled("route", "explain", "--model", "n", *header)
    assert found.code == 6
    assert "400 capability_not_served" in found.out
    assert "m: lacks tools" in found.out
    elsewhere = filled("route", "explain", "--model", "m", "-n", "team")
    assert elsewhere.code == 6
    assert "team; requests without a key are served in default" in elsewhere.out
    assert "none matches" in elsewhere.out


@pytest.mark.parametrize("header", ["X-Team", ":x"])
def test_what_is_no_header(filled: Routerctl, header: str) -> None:
    refused = filled("route", "explain", "--header", header)
    assert refused.code == 2
    assert "write NAME:VALUE" in refused.err + refused.out


def test_for_a_client(filled: Routerctl) -> None:
    filled.write("b.yaml", manifest("ClientKey", "some", {"models": ["m"], "routes": ["c*"]}))
    filled.ok("apply", "-f", filled.manifests)
    told = filled.ok("route", "explain", "--model", "m", "--task", "code", "--client", "some")
    assert "n: not permitted to the client" in told
    assert "team: not permitted to the client" in filled.ok(
        "route", "explain", "--model", "m", "--client", "some"
    )
    assert filled("route", "explain", "--model", "n", "--client", "some").code == 6
    hidden = filled("route", "explain", "--model", "n", "--endpoint", "embeddings", "--client", "some")
    assert "n: not permitted to the client" in hidden.out
    assert "Client:    401 for now, whatever follows: it has no key that is enabled" in told
    unknown = filled("route", "explain", "--model", "n", "--client", "nobody")
    assert (unknown.code, "there is no ClientKey/nobody" in unknown.err) == (3, True)
