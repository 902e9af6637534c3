"""The Models of a Provider, in the shapes of Appendix D of the provider router's plan."""

from pathlib import Path

from fakes.api import api

ONE = "/v1/providers/p/models"


def test_models_are_linked_listed_and_unlinked(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        asked.post("/v1/providers", {"id": "p", "type": "simulator"})
        asked.post("/v1/models", {"id": "qwen3-max", "capabilities": ["chat"]})
        asked.post("/v1/models", {"id": "qwen/small"})
        linked = asked.post(ONE, {"model_id": "qwen3-max", "is_default": True})
        assert linked.status_code == 201
        told = linked.json()
        assert [*told] == ["provider_id", "model_id", "is_default", "created_at", "revision"]
        assert (told["provider_id"], told["model_id"], told["is_default"]) == ("p", "qwen3-max", True)
        other = {
            "model_id": "qwen/small",
            "upstream_model": "small-1",
            "weight": 3,
            "config": {"drop": ["seed"]},
        }
        assert asked.post(ONE, dict(other)).json()["model_id"] == "qwen-small"
        assert asked.spec("Binding", "qwen-small-p")["weight"] == 3
        listed = asked.get(ONE).json()
        assert [(each["id"], each["is_default"]) for each in listed["models"]] == [
            ("qwen-small", False),
            ("qwen3-max", True),
        ]
        assert listed["models"][0]["upstream_model"] == "small-1"
        assert asked.put(f"{ONE}/qwen-small/default").json()["is_default"] is True
        assert asked.spec("Binding", "qwen3-max-p")["default"] is False
        assert asked.post(ONE, {"model_id": "qwen3-max"}).status_code == 409
        assert asked.delete(f"{ONE}/qwen3-max").json() == {
            "provider_id": "p",
            "model_id": "qwen3-max",
            "deleted": True,
            "revision": asked.reader.head(),
        }
        assert asked.there("Model", "qwen3-max") is not None
        for answer in (
            asked.delete(f"{ONE}/qwen3-max"),
            asked.delete(f"{ONE}/none"),
            asked.put(f"{ONE}/qwen3-max/default"),
            asked.post(ONE, {"model_id": "none"}),
            asked.post("/v1/providers/none/models", {"model_id": "qwen3-max"}),
            asked.get("/v1/providers/none/models"),
        ):
            assert answer.status_code == 404
        for body in ({}, {"model_id": ""}, {"model_id": "qwen3-max", "default": True}, {"model_id": 1}):
            assert asked.post(ONE, dict(body)).status_code == 422
        assert asked.post(f"{ONE}?dryRun=true", {"model_id": "qwen3-max"}).json()["dryRun"] is True
