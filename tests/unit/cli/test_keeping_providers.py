from fakes.command import Routerctl, manifest

LOCAL = manifest(
    "Provider", "near", {"type": "openai-compatible", "config": {"baseURL": "http://127.0.0.1:1234/v1"}}
)
FAR = manifest("Provider", "far", {"type": "openai-compatible", "config": {"baseURL": "https://8.8.8.8/v1"}})


def test_without_an_answer_nothing_is_done(routerctl: Routerctl) -> None:
    routerctl.apply(LOCAL + FAR)
    done = routerctl("token", "create", "ci")
    assert (done.code, done.out) == (4, "")
    assert "cuts off 1 Provider:\n  Provider/near: 127.0.0.1" in done.err
    assert "  - {network: 127.0.0.1, ports: [1234]}" in done.err
    assert "--keep-providers" in done.err
    assert routerctl("token", "list", "--all").err == "No tokens found.\n"


def test_lines_are_written_where_somebody_says_so(routerctl: Routerctl) -> None:
    routerctl.apply(LOCAL)
    done = routerctl("token", "create", "ci", "--keep-providers")
    assert (done.code, done.out.startswith("rt-"), done.out.count("\n")) == (0, True, 1)
    assert "Allowed, as revision 2." in done.err
    found = routerctl.ok("get", "settings/default", "-o", "jsonpath={.spec.egress.allow[0].network}")
    assert found.strip() == "127.0.0.1"
    again = routerctl("token", "create", "other")
    assert (again.code, "cuts off" in again.err) == (0, False)


def test_or_left_out(routerctl: Routerctl) -> None:
    routerctl.apply(LOCAL)
    assert routerctl("token", "create", "ci", "--cut-off").code == 0
    assert routerctl.ok("history", "-o", "name").splitlines() == ["revision/1"]
