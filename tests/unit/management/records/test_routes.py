from pathlib import Path

from fakes.api import api

from reconciler.listener.access import Access, DeclaredRoute
from reconciler.management.records.routes import routes


async def check(*_: object) -> None: ...


def declared(folder: Path) -> list[DeclaredRoute]:
    with api(folder) as asked:
        return routes(asked.ports.stores, asked.ports.archive, check)


def test_reading_is_for_viewers_and_deleting_for_operators(tmp_path: Path) -> None:
    found = declared(tmp_path)
    assert {(each.declared, each.access) for each in found} == {
        (("GET",), Access.VIEWER),
        (("DELETE",), Access.OPERATOR),
    }


def test_what_is_named_comes_before_what_may_be_any_id(tmp_path: Path) -> None:
    paths = [each.path for each in declared(tmp_path)]
    for fixed in ("stats", "request/{id}", "session/{id}"):
        assert paths.index(f"/v1/responses/{fixed}") < paths.index("/v1/responses/{id}")
    assert {"/v1/sessions/{id}/requests", "/v1/statistics", "/api/v1/activity/recent"} <= set(paths)


def test_without_records_all_of_it_is_empty(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        for path in ("requests", "responses", "sessions"):
            told = asked.get(f"/v1/{path}").json()
            assert (told[path], told["total"], told["has_more"]) == ([], 0, False)
        assert asked.get("/v1/statistics").json()["items"] == []
