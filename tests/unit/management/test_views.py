from pathlib import Path

from fakes.api import api

from reconciler.resources.principal import Role


def test_the_root_tells_what_there_is(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        told = asked.viewer.get("/").json()
        assert told["documentation"] == "/docs"
        found = {(route["path"], method) for route in told["routes"] for method in route["methods"]}
        assert {("/v1/models/{id}", "GET"), ("/v1/providers", "POST"), ("/", "GET")} <= found
        assert asked.nobody.get("/").status_code == 401
        assert asked.nobody.get("/health").json() == {"status": "ok"}
        assert asked.get("/v1/status").json() == asked.get("/status").json()


def test_what_is_of_all_namespaces_is_not_told_to_who_sees_some(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        limited = asked.as_(Role.ADMIN, namespaces=frozenset({"team"}))
        for path in ("/status", "/v1/status", "/metrics"):
            assert asked.viewer.get(path).status_code == 200
            refused = limited.get(path)
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
