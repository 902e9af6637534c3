from fakes.command import Routerctl, manifest

from reconciler.json_types import JsonObject


def test_a_value_is_taken_out(routerctl: Routerctl) -> None:
    data: JsonObject = {"K": {"value": "canary-one"}, "L": {"value": "canary-two"}}
    routerctl.apply(manifest("Secret", "s", {"data": data}))
    assert routerctl.ok("secret", "unset", "s", "L", "--dry-run").endswith("secret/s unset (dry run)\n")
    assert routerctl.ok("secret", "unset", "s", "L").startswith("secret/s unset\nRevision 2 ")
    assert routerctl("get", "secret/s", "-o", "json").json()["spec"]["data"].keys() == {"K"}
    again = routerctl("secret", "unset", "s", "L")
    assert (again.code, "Secret/s has no L" in again.err, "secret list" in again.err) == (3, True, True)
    last = routerctl("secret", "unset", "s", "K")
    assert (last.code, "delete" in last.err) == (4, True)
