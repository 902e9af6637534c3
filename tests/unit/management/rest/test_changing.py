from pathlib import Path

from fakes.api import api


def test_a_change_is_answered_with_what_is_there_afterwards(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        rehearsed = asked.post("/v1/models?dryRun=true", {"id": "m"})
        assert (rehearsed.status_code, rehearsed.json()["dryRun"], rehearsed.json()["changed"]) == (
            200,
            True,
            True,
        )
        assert "location" not in rehearsed.headers
        assert "x-routerctl-revision" not in rehearsed.headers
        made = asked.post("/v1/models?message=why", {"id": "m"}, if_none_match="*")
        assert (made.status_code, made.headers["etag"], made.json()["revision"]) == (201, '"1"', 1)
        assert asked.post("/v1/models", {"id": "m"}, if_none_match="*").status_code == 412
        same = asked.patch("/v1/models/m", {}, if_match='"1"')
        assert (same.status_code, same.json()["revision"]) == (200, 1)
        assert asked.delete("/v1/models/m", if_match='"9"').status_code == 412
        gone = asked.delete("/v1/models/m", if_match='"1"')
        assert gone.json() == {"id": "m", "deleted": True, "revision": 2}
        assert "etag" not in gone.headers
