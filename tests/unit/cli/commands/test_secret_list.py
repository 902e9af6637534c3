from fakes.command import Routerctl, manifest

from reconciler.json_types import JsonObject

CONFIG: JsonObject = {
    "baseURL": "http://localhost:1/v1",
    "apiKey": {"valueFrom": {"secret": {"name": "s", "key": "K"}}},
}


def test_they_are_listed_without_a_value(routerctl: Routerctl) -> None:
    routerctl.apply(
        manifest("Secret", "s", {"hosts": ["localhost"], "data": {"K": {"value": "canary-value"}}}),
        manifest("Provider", "u", {"type": "lm-studio", "config": CONFIG}),
        manifest("Secret", "t", {"data": {"X": {"valueFrom": {"file": "/run/secrets/x"}}}}, namespace="team"),
    )
    titles, row = routerctl.ok("secret", "list").splitlines()
    assert titles.split("  ")[0] == "RESOURCE"
    assert row.split()[:3] == ["Secret/s", "K", "vault"]
    assert row.endswith("localhost   Provider/u spec.config.apiKey")
    listed = routerctl("secret", "list", "-A", "-o", "json").json()["items"]
    assert [(each["kind"], each["namespace"], each["name"], each["field"]) for each in listed] == [
        ("Secret", "default", "s", "K"),
        ("Secret", "team", "t", "X"),
    ]
    assert [each["usedBy"] for each in listed] == [["Provider/u spec.config.apiKey"], []]
    assert "canary" not in routerctl.ok("secret", "list", "-A", "-o", "yaml")
    done = routerctl("-n", "other", "secret", "list")
    assert (done.out, done.err) == ("", "No secrets found.\n")
