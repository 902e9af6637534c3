"""A Provider's config, in the shapes of Appendix D of the provider router's plan."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.api import Asked, api

from reconciler.management.rest.masks import MASK

ONE = "/v1/providers/p/config"
SECRET = "sk-canary-0123456789"


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    with api(tmp_path) as asked:
        config = {"baseURL": "http://192.168.0.50:1234/v1", "timeout": 180000}
        asked.post("/v1/providers", {"id": "p", "type": "openai-compatible", "config": dict(config)})
        yield asked


def test_it_is_shown_as_it_was_written(asked: Asked) -> None:
    assert asked.get(ONE).json() == {
        "provider_id": "p",
        "config": {"baseURL": "http://192.168.0.50:1234/v1", "timeout": 180000},
    }
    assert asked.get("/v1/providers/none/config").status_code == 404


def test_one_key_is_set_and_taken_away(asked: Asked) -> None:
    patched = asked.patch(f"{ONE}/baseURL", {"value": "http://192.168.0.60:1234/v1"}).json()
    assert (patched["key"], patched["value"], patched["revision"]) == (
        "baseURL",
        "http://192.168.0.60:1234/v1",
        2,
    )
    assert patched["updated_at"] > 1_700_000_000_000
    assert asked.delete(f"{ONE}/timeout").json() == {"key": "timeout", "deleted": True, "revision": 3}
    assert asked.get(ONE).json()["config"] == {"baseURL": "http://192.168.0.60:1234/v1"}
    for body in ({}, {"valu": 1}, {"value": 5, "other": 1}):
        assert asked.patch(f"{ONE}/timeout", dict(body)).status_code == 422
    assert asked.patch(f"{ONE}/timeout", {"value": 30}).status_code == 422  # 30 ms: said in words
    assert asked.patch(f"{ONE}/nope", {"value": 1}).json()["errors"][0]["field"] == "spec.config.nope"
    assert asked.patch("/v1/providers/none/config/timeout", {"value": 30}).status_code == 404
    assert asked.delete(f"{ONE}/baseURL").status_code == 422


def test_several_are_set_and_the_rest_stays(asked: Asked) -> None:
    for body in ({"timeout": None, "apiVersion": None}, {"config": {"connectTimeout": "2s"}}):
        assert asked.put(ONE, dict(body)).status_code == 200
    assert asked.get(ONE).json()["config"] == {
        "baseURL": "http://192.168.0.50:1234/v1",
        "connectTimeout": "2s",
    }


def test_secrets_are_masked_and_the_mask_keeps_them(asked: Asked, tmp_path: Path) -> None:
    assert asked.patch(f"{ONE}/apiKey", {"value": SECRET}).json()["value"] == MASK
    sealed = asked.spec("Provider", "p")["config"]
    kept = asked.get(ONE).json()["config"]
    assert kept["apiKey"] == MASK
    assert asked.put(ONE, kept).json()["revision"] == 2  # nothing changed
    asked.put("/v1/providers/p", {"name": "P", "config": kept})
    asked.patch("/v1/resources/provider/default/p", {"spec": {"config": {"apiKey": MASK, "timeout": "9s"}}})
    after = asked.spec("Provider", "p")["config"]
    assert isinstance(sealed, dict)
    assert isinstance(after, dict)
    assert after["apiKey"] == sealed["apiKey"] != MASK
    assert after["timeout"] == "9s"
    asked.delete(f"{ONE}/apiKey")
    assert asked.patch(f"{ONE}/apiKey", {"value": MASK}).status_code == 422
    assert asked.patch(f"{ONE}/apiKey", {"value": {"valueFrom": {"env": "X_API_KEY"}}}).json()["value"] == {
        "valueFrom": {"env": "X_API_KEY"}
    }
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert SECRET.encode() not in written


def test_a_timeout_is_milliseconds_however_it_was_written(asked: Asked) -> None:
    for written, told in (("2m", 120_000), ("500ms", "500ms"), (3000, 3000)):
        assert asked.patch(f"{ONE}/timeout", {"value": written}).json()["value"] == told
        config = asked.get(ONE).json()["config"]
        assert config["timeout"] == told
        before = asked.get("/v1/revisions?limit=1").json()
        asked.put(ONE, config)  # nothing changed, and it stands as it was written
        assert asked.get("/v1/revisions?limit=1").json() == before
        stored = asked.spec("Provider", "p")["config"]
        assert isinstance(stored, dict)
        assert stored["timeout"] == written


def test_its_default_model_is_a_binding(asked: Asked) -> None:
    assert asked.patch(f"{ONE}/defaultModel", {"value": "m"}).json()["value"] == "m"
    assert asked.spec("Binding", "m-p")["default"] is True
    asked.put(ONE, {"defaultModel": "n", "timeout": "60s"})
    assert asked.get(ONE).json()["config"]["defaultModel"] == "n"
    assert asked.spec("Binding", "m-p")["default"] is False
    asked.patch(f"{ONE}/defaultModel", {"value": "m"})  # bound already
    assert asked.get(ONE).json()["config"]["defaultModel"] == "m"
    asked.delete(f"{ONE}/defaultModel")
    assert "defaultModel" not in asked.get(ONE).json()["config"]
    assert asked.there("Binding", "m-p") is not None
    rehearsed = asked.patch(f"{ONE}/defaultModel?dryRun=true", {"value": "n"}).json()
    assert (rehearsed["value"], rehearsed["dryRun"]) == ("n", True)
    assert asked.patch(f"{ONE}/defaultModel", {"value": 1}).status_code == 422
