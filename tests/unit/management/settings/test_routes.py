from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.api import Asked, api


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    with api(tmp_path) as asked:
        yield asked


def test_the_seeds_keys_are_fields_of_the_settings(asked: Asked) -> None:
    asked.post("/v1/providers", {"id": "p", "type": "simulator"})
    put = asked.put("/v1/settings/active_provider", {"value": "p"}).json()
    assert (put["key"], put["value"], put["revision"]) == ("active_provider", "p", 2)
    assert put["updated_at"] > 1_700_000_000_000
    asked.put("/v1/settings/logging.logRequests", {"value": "false"})
    assert asked.spec("Settings", "default")["records"]["requests"] is False  # type: ignore[index, call-overload]  # an object
    told = asked.get("/v1/settings").json()["settings"]
    assert (told["active_provider"], told["activeProvider"], told["logging.logRequests"]) == ("p", "p", False)
    assert asked.get("/v1/settings/active_provider").json()["value"] == "p"
    assert asked.delete("/v1/settings/active_provider").json()["deleted"] is True
    assert asked.get("/v1/settings/active_provider").status_code == 404


def test_what_is_given_to_the_process_is_refused_with_the_reason(asked: Asked) -> None:
    for key, way in (
        ("server.port", "--listen"),
        ("server.timeout", "timeout"),
        ("system.autoStart", "desktop"),
    ):
        refused = asked.put(f"/v1/settings/{key}", {"value": "1"})
        assert (refused.status_code, way in refused.json()["hint"]) == (409, True)
        assert asked.get(f"/v1/settings/{key}").status_code == 409
    assert asked.put("/v1/settings/retenton", {"value": "1h"}).json()["hint"] == "did you mean retention?"
    for body in ({}, {"value": None}, {"valu": 1}, {"value": "never"}):
        assert asked.put("/v1/settings/retention", dict(body)).status_code == 422
    assert asked.reader.head() == 0


def test_several_are_one_revision(asked: Asked) -> None:
    sent = {"settings": {"retention": "24h", "unknownModels": "forward", "records.maxSizeMiB": "64"}}
    bulk = asked.post("/v1/settings/bulk", dict(sent)).json()
    assert bulk["revision"] == 1
    assert bulk["settings"]["records.maxSizeMiB"] == 64
    assert asked.post("/v1/settings/bulk", {"retention": None}).json()["revision"] == 2
    assert "retention" not in asked.get("/v1/settings").json()["settings"]
    assert asked.post("/v1/settings/bulk", {"retention": "1h", "server.port": 1}).status_code == 409
    assert (
        asked.post("/v1/settings/bulk?dryRun=true", {"retention": "2h"}).json()["settings"]["retention"]
        == "2h"
    )
    assert asked.reader.head() == 2


def test_guards_are_admins_and_of_one_namespace(asked: Asked) -> None:
    assert asked.operator.put("/v1/settings/retention", {"value": "1h"}).status_code == 403
    assert asked.operator.put("/v1/settings/unknownModels", {"value": "forward"}).status_code == 200
    assert asked.put("/v1/settings/retention?namespace=team", {"value": "1h"}).status_code == 422
    assert asked.delete("/v1/settings/unknownModels?namespace=team").json()["deleted"] is True
    assert asked.get("/v1/settings?namespace=team").json() == {"settings": {}}
