from fakes.command import Routerctl


def test_one_is_revoked_by_its_name_or_id(routerctl: Routerctl) -> None:
    first = routerctl("token", "create", "ci", "-o", "json").json()["id"]
    assert routerctl.ok("token", "revoke", "ci") == f"revoked   token/ci ({first})\n"
    second = routerctl("token", "create", "ci", "-o", "json").json()["id"]
    assert (
        routerctl.ok("token", "revoke", "ci", first)
        == f"revoked   token/ci ({second})\nrevoked   token/ci ({first})\n"
    )
    assert routerctl("token", "list").err == "No tokens found.\n"
    operations = [row["operation"] for row in routerctl("audit", "-o", "json").json()["items"]]
    assert operations == ["token create", "token revoke", "token create", "token revoke"]


def test_one_that_is_not_there_revokes_none(routerctl: Routerctl) -> None:
    routerctl.ok("token", "create", "ci")
    done = routerctl("token", "revoke", "ci", "nobody")
    assert (done.code, 'no token "nobody"' in done.err) == (3, True)
    assert "ci" in routerctl.ok("token", "list")
