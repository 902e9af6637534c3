from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.api import Asked, api
from fakes.command import manifest

from reconciler.json_types import JsonObject


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    with api(tmp_path) as made:
        yield made


def test_tokens_are_an_admins(asked: Asked) -> None:
    assert asked.operator.get("/v1/tokens").status_code == 403
    assert asked.operator.post("/v1/tokens", {"name": "x"}).status_code == 403
    assert asked.get("/v1/tokens/first").json() == {"cutsOff": {"providers": [], "entries": []}}
    made = asked.post("/v1/tokens", {"name": "ci", "role": "operator"}, idempotency_key="k")
    granted = made.json()["granted"]
    assert (made.status_code, granted["text"][:3], granted["token"]["hash"]) == (201, "rt-", "")
    assert asked.get("/v1/tokens/first").json() == {"cutsOff": None}
    token = granted["token"]["id"]
    assert [each["id"] for each in asked.get("/v1/tokens").json()["tokens"]] == [token]
    assert asked.delete(f"/v1/tokens/{token}").status_code == 200
    assert asked.get("/v1/tokens").json()["tokens"][0]["revoked"] is not None
    assert asked.post("/v1/tokens/revoke", {"names": ["nobody"]}).status_code == 404
    assert asked.post("/v1/tokens", {"name": "x", "role": "root"}).status_code == 422


def test_a_list_of_no_namespaces_is_not_all_of_them(asked: Asked) -> None:
    for namespaces in ([], [""]):
        refused = asked.post("/v1/tokens", {"name": "x", "role": "admin", "namespaces": [*namespaces]})
        assert refused.status_code == 422
        assert "no namespace" in refused.json()["detail"]
    assert asked.get("/v1/tokens").json() == {"tokens": []}
    made = asked.post("/v1/tokens", {"name": "x", "namespaces": None})
    assert made.json()["granted"]["token"]["namespaces"] is None


def test_what_serves_is_asked(asked: Asked) -> None:
    assert asked.operator.post("/v1/reload").status_code == 503
    asked.serve(0)
    done = asked.operator.post("/v1/reload")
    assert (done.status_code, done.json()["reloading"]["live"]) == (202, ["w"])
    assert asked.operator.get("/v1/reload").json()["reloading"]["live"] == ["w"]
    assert asked.viewer.post("/v1/reload").status_code == 403


def test_failures_are_forgotten(asked: Asked) -> None:
    asked.operator.post("/v1/apply", {"manifests": manifest("Provider", "p")})
    key: JsonObject = {"kind": "Provider", "namespace": "default", "name": "p"}
    done = asked.operator.post("/v1/provider-resets", {"providers": [key]})
    assert (done.status_code, done.json()) == (200, {"reset": {"live": 0}})
    assert asked.viewer.post("/v1/provider-resets", {"providers": [key]}).status_code == 403
