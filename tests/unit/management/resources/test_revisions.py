from pathlib import Path

from fakes.api import api

from reconciler.resources.principal import Role


def test_what_was_changed_by_whom(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        asked.post("/v1/models?message=first", {"id": "a"})
        asked.post("/v1/models?namespace=team", {"id": "b"})
        asked.patch("/v1/models/a", {"description": "x"})
        listed = asked.get("/v1/revisions?limit=2").json()
        assert [each["number"] for each in listed["revisions"]] == [3, 2]
        rest = asked.get(f"/v1/revisions?limit=2&continue={listed['continue']}").json()
        assert [(each["number"], each["message"], each["actor"]) for each in rest["revisions"]] == [
            (1, "first", "token:ada")
        ]
        assert "continue" not in rest
        by = asked.get("/v1/revisions?namespace=team&author=token:ada").json()["revisions"]
        assert [each["number"] for each in by] == [2]
        assert asked.get("/v1/revisions?source=x").json() == {"revisions": []}
        head = asked.get("/v1/revisions/head").json()
        assert (head["number"], head["events"][0]["resource"], head["events"][0]["type"]) == (
            3,
            "Model/a",
            "MODIFIED",
        )
        diff = asked.get("/v1/revisions/3/diff").json()
        assert (diff["from"], diff["to"]) == (2, 3)
        assert diff["changes"][0]["fields"] == [{"field": "spec.description", "old": None, "new": "x"}]
        assert len(asked.get("/v1/revisions/3/diff?from=0").json()["changes"]) == 2
        for path, status in (
            ("9", 404),
            ("9/diff", 404),
            ("x", 400),
            ("-1", 400),
            ("1" * 400, 400),
            ("3/diff?from=9", 404),
        ):
            assert asked.get(f"/v1/revisions/{path}").status_code == status
        limited = asked.as_(Role.VIEWER, namespaces=frozenset({"team"}))
        assert [each["number"] for each in limited.get("/v1/revisions").json()["revisions"]] == [2]
        assert limited.get("/v1/revisions/1").json()["actor"] == ""
        assert limited.get("/v1/revisions/3/diff").json()["changes"] == []


def test_secrets_are_compared_and_not_shown(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        config = {"baseURL": "http://localhost:1/v1", "apiKey": "sk-canary-1"}
        asked.post("/v1/providers", {"id": "p", "type": "openai-compatible", "config": dict(config)})
        asked.patch("/v1/providers/p/config/apiKey", {"value": "sk-canary-2"})
        told = asked.get("/v1/revisions/2/diff")
        assert [each.get("secret") for each in told.json()["changes"][0]["fields"]] == [True]
        assert "canary" not in told.text + asked.get("/v1/revisions/1/diff").text
