from pathlib import Path

from fakes.api import api

PROVIDER = {"id": "p", "type": "simulator", "config": {"defaultModel": "m"}}


def test_what_is_named_is_deleted_with_those_that_name_it_or_not_at_all(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        asked.post("/v1/providers", dict(PROVIDER))
        asked.put("/v1/settings/active_provider", {"value": "p"})
        refused = asked.delete("/v1/providers/p")
        assert (refused.status_code, refused.json()["code"]) == (409, "refused")
        named = {(each["resource"], each["field"]) for each in refused.json()["errors"]}
        assert named == {("Binding/m-p", "spec.provider"), ("Settings/default", "spec.activeProvider")}
        assert "cascade" in refused.json()["hint"]
        route = {
            "apiVersion": "routerctl.dev/v1",
            "kind": "Route",
            "metadata": {"name": "r"},
            "spec": {"match": {"models": ["x"]}, "targets": [{"model": "m", "provider": "p"}]},
        }
        assert asked.put("/v1/resources/route/default/r", route).status_code == 201
        standing = asked.delete("/v1/providers/p?cascade=true")
        assert (standing.status_code, standing.json()["hint"]) == (409, "change those first")
        assert {each["resource"] for each in standing.json()["errors"]} == {"Route/r"}
        asked.delete("/v1/resources/route/default/r")
        done = asked.delete("/v1/providers/p?cascade=true")
        assert done.json() == {"id": "p", "deleted": True, "revision": done.json()["revision"]}
        assert asked.there("Binding", "m-p") is None
        assert "activeProvider" not in asked.spec("Settings", "default")
        assert asked.delete("/v1/providers/p").status_code == 404
