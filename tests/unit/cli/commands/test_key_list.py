import pytest
from fakes.command import Routerctl, manifest

from reconciler.json_types import JsonObject


@pytest.fixture
def team(routerctl: Routerctl) -> str:
    """The id of the key of a ClientKey that was made."""
    done = routerctl("key", "create", "team", "--model", "m*", "--expires", "90d")
    assert done.code == 0, done.err
    return done.out[3:15]


def test_nothing_to_list(routerctl: Routerctl, team: str) -> None:
    unknown = routerctl("key", "list", "team", "nobody")
    assert (unknown.code, unknown.out) == (3, "")
    assert "ClientKey/nobody does not exist" in unknown.err
    assert routerctl("-n", "other", "key", "list").err == "No keys found.\n"
    assert routerctl("key", "list", "-A").out.split()[9] == team


def test_every_key_has_its_line(routerctl: Routerctl, team: str) -> None:
    entry: JsonObject = {
        "id": "0aZ4kQ81mTq2",
        "hash": "sha256:" + "0" * 64,
        "expires": "2020-01-01T00:00:00Z",
    }
    routerctl.write("a.yaml", manifest("ClientKey", "old", {"keys": [entry], "routes": ["r", "s"]}))
    assert routerctl("apply", "-f", routerctl.manifests).code == 0
    rows = [line.split() for line in routerctl("key", "list", "-o", "wide").out.splitlines()]
    assert rows[0] == ["CLIENT", "ID", "STATUS", "EXPIRES", "MODELS", "ROUTES", "AGE"]
    assert rows[1][:6] == ["old", "0aZ4kQ81mTq2", "expired", "2020-01-01T00:00:00Z", "-", "r,s"]
    assert rows[2][:3] == ["team", team, "active"]
