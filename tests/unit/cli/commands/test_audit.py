from fakes.command import Routerctl, served


def test_the_audit_tells_who_changed_what(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    routerctl.ok("label", "provider/m", "team=a")
    routerctl.ok("history", "prune", "--keep", "1")
    lines = routerctl.ok("audit").splitlines()
    assert lines[0].split() == [
        "NUMBER",
        "TIME",
        "PRINCIPAL",
        "ADDRESS",
        "OPERATION",
        "TARGET",
        "REVISION",
        "OUTCOME",
    ]
    assert [line.split()[4] for line in lines[1:]] == ["apply", "label", "history"]
    assert "Provider/m" in lines[2]
    wide = routerctl.ok("audit", "-o", "wide", "--limit", "1")
    assert "history prune" in wide
    assert "apply" not in wide
    items = routerctl("audit", "-o", "json", "--all").json()["items"]
    assert [item["revision"] for item in items] == [1, 2, None]
    assert items[0]["manager"] is not None
    assert routerctl.ok("audit", "--principal", "token:ci") == "Nothing was written down.\n"
