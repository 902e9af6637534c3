from pathlib import Path

from fakes.api import api

from reconciler.control.manifest.reader import read_text
from reconciler.resources.principal import Role


def test_all_that_there_is_as_manifests(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        asked.post("/v1/models", {"id": "a"})
        asked.post("/v1/models?namespace=team", {"id": "b"})
        asked.post("/v1/providers", {"id": "p", "type": "simulator"})

        def names(query: str, limited: str | None = None) -> list[object]:
            who = asked if limited is None else asked.as_(Role.VIEWER, namespaces=frozenset({limited}))
            answer = who.get(f"/v1/export{query}")
            assert answer.headers["content-type"] == "application/yaml"
            found = read_text(answer.content, "export").documents
            return [each.data["metadata"]["name"] for each in found]  # type: ignore[index, call-overload]  # objects

        assert sorted(map(str, names(""))) == ["a", "b", "p"]
        assert names("?kind=models&namespace=default") == ["a"]
        assert names("?revision=1") == ["a"]
        assert names("", "team") == ["b"]
        assert asked.get("/v1/export?revision=9").status_code == 404
