import pytest
from fakes.command import Routerctl


@pytest.fixture
def team(routerctl: Routerctl) -> str:
    """The id of the key of a ClientKey that was made."""
    done = routerctl("key", "create", "team", "--model", "m*", "--expires", "90d")
    assert done.code == 0, done.err
    return done.out[3:15]


def test_one_key_or_all_are_revoked(routerctl: Routerctl, team: str) -> None:
    second = routerctl("key", "rotate", "team").out[3:15]
    assert routerctl("key", "revoke", "team", team).out.startswith("clientkey/team revoked\n")
    assert "revoked (no change)" in routerctl("key", "revoke", "team", team).out
    told = routerctl("key", "list").out.splitlines()
    assert [line.split()[1:3] for line in told[1:]] == [[team, "revoked"], [second, "active"]]
    assert routerctl("key", "revoke", "team").code == 0
    assert routerctl("get", "clientkey", "team", "-o", "json").json()["spec"]["enabled"] is False
    assert "revoked" in routerctl("key", "list", "-o", "wide").out.splitlines()[2]
    assert routerctl("key", "revoke", "team", "x" * 12).code == 3
