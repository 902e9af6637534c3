from pathlib import Path

from fakes.api import api

from reconciler.resources.principal import Role


def test_resources_of_all_kinds(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        asked.post("/v1/models", {"id": "a", "labels": {"t": "x"}})
        asked.post("/v1/models?namespace=team", {"id": "b"})
        asked.post("/v1/providers", {"id": "p", "type": "simulator"})

        def names(query: str, who: object = None) -> list[str]:
            found = (who or asked).get(f"/v1/resources{query}").json()["items"]  # type: ignore[attr-defined]  # one who asks
            return [each["metadata"]["name"] for each in found]

        assert names("") == ["a", "b", "p"]
        assert names("?kind=model,prov&namespace=default") == ["a", "p"]
        assert names("?labelSelector=t") == ["a"]
        limited = asked.as_(Role.VIEWER, namespaces=frozenset({"team"}))
        assert names("", limited) == ["b"]
        for path in ("?namespace=default", "/model/default/a"):
            assert limited.get(f"/v1/resources{path}").status_code == 403
        one = asked.get("/v1/resources/models/default/a")
        assert "managedFields" not in one.json()["metadata"]
        whole = asked.get("/v1/resources/model/default/a?managedFields=true").json()
        assert whole["metadata"]["managedFields"][0]["manager"] == "api:token:ada"
        assert (
            asked.get("/v1/resources/model/default/a", if_none_match=one.headers["etag"]).status_code == 304
        )
        assert asked.get("/v1/resources?kind=pods").status_code == 404
        assert asked.get("/v1/resources/model/default/A").status_code == 404
