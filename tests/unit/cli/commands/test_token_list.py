from fakes.command import Routerctl


def test_tokens_are_listed_as_long_as_they_count(routerctl: Routerctl) -> None:
    routerctl.ok("token", "create", "ci", "--role", "operator", "--manager", "git:acme")
    routerctl.ok("token", "create", "old")
    routerctl.ok("token", "revoke", "old")
    lines = routerctl.ok("token", "list").splitlines()
    assert [line.split()[0] for line in lines] == ["NAME", "ci"]
    assert routerctl.ok("token", "list", "--all", "-o", "name") == "token/ci\ntoken/old\n"
    wide = routerctl.ok("token", "list", "--all", "-o", "wide")
    assert "git:acme" in wide
    assert [item["state"] for item in routerctl("token", "list", "--all", "-o", "json").json()["items"]] == [
        "active",
        "revoked",
    ]
