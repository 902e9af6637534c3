from pathlib import Path

from fakes.api import api

PROVIDERS = (
    {"id": "a", "type": "simulator", "labels": {"team": "x"}},
    {"id": "b", "type": "simulator", "enabled": False},
    {"id": "c", "type": "ollama", "config": {"baseURL": "http://localhost:11434"}},
)


def test_lists_with_filters_and_parts(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        for sent in PROVIDERS:
            assert asked.post("/v1/providers", dict(sent)).status_code == 201
        asked.post("/v1/providers?namespace=team", {"id": "d", "type": "simulator"})

        def names(query: str) -> list[str]:
            return [each["id"] for each in asked.get(f"/v1/providers{query}").json()["providers"]]

        assert names("") == ["a", "b", "c"]
        assert names("?type=simulator") == ["a", "b"]
        assert names("?enabled=false") == ["b"]
        assert names("?enabled=true&type=ollama") == ["c"]
        assert names("?labelSelector=team") == ["a"]
        assert names("?namespace=team") == ["d"]
        first = asked.get("/v1/providers?limit=2").json()
        assert (first["total"], [each["id"] for each in first["providers"]]) == (3, ["a", "b"])
        assert names(f"?limit=2&continue={first['continue']}") == ["c"]
        whole = asked.get("/v1/providers/a").json()
        assert (whole["config"], whole["models"]) == ({}, [])
        assert asked.get("/v1/providers/A").status_code == 404
        assert asked.get("/v1/providers?enabled=maybe").status_code == 400
