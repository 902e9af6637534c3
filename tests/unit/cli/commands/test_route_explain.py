import pytest
from fakes.command import SIMULATOR, Routerctl, manifest

from reconciler.json_types import JsonValue

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
        "candidates": [
            {"provider": "a", "binding": "m-a", "upstreamModel": "m", "timeoutMilliseconds": 120000}
        ],
        "skipped": [{"target": "m@b", "reason": "the Provider is disabled"}],
        "missed": [{"route": "code", "reason": "another task type"}],
        "error": None,
    }


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
