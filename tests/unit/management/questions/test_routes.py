import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.api import Asked, api
from fakes.store import commit_all, drop, provider, put

from reconciler import __version__


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    commit_all(tmp_path / "store.db", [put(provider("p"))], [put(provider("q"))])
    with api(tmp_path) as found:
        yield found


def test_a_question_is_answered_with_its_revision_and_tag(asked: Asked) -> None:
    answer = asked.viewer.get("/v1/store/records/head")
    assert (answer.status_code, answer.json()) == (200, 2)
    assert answer.headers["x-routerctl-at"] == "2"
    assert answer.headers["x-routerctl-version"] == __version__
    again = asked.viewer.get("/v1/store/records/head", if_none_match=answer.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert "etag" not in asked.viewer.get("/v1/store/records/holds").headers


def test_arguments_are_json_behind_the_question_mark_or_in_the_body(asked: Asked) -> None:
    key = '{"kind":"Provider","namespace":"default","name":"p"}'
    found = asked.viewer.get(f"/v1/store/records/get?key={key}").json()
    assert found["items"][0][:3] == ["Provider", "default", "p"]
    counts = asked.viewer.post("/v1/store/records/event-counts", {"revisions": [1, 2]}).json()
    assert counts == [[1, {"ADDED": 1}], [2, {"ADDED": 1}]]


def test_an_earlier_revision_may_be_meant(asked: Asked) -> None:
    state = asked.viewer.get("/v1/store/records/state", x_routerctl_at="1")
    assert [item[2] for item in state.json()["resources"]["items"]] == ["p"]
    assert state.headers["x-routerctl-at"] == "1"
    later = asked.viewer.get("/v1/store/records/state", x_routerctl_at="9")
    assert (later.status_code, later.json()["code"]) == (404, "not_found")
    assert "was restored" in later.json()["detail"]


def test_much_is_packed_for_who_can_unpack(asked: Asked, tmp_path: Path) -> None:
    many = [put(provider(f"p{number}")) for number in range(40)]
    with_many = tmp_path / "many"
    with_many.mkdir()
    commit_all(with_many / "store.db", many, [drop(provider("p1"))])
    with api(with_many) as found:
        plain = found.get("/v1/store/records/state", accept_encoding="identity")
        packed = found.get("/v1/store/records/state", accept_encoding="gzip")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain.json()
    assert len(gzip.compress(plain.content, 1)) < len(plain.content) / 2
    assert asked.get("/v1/store/records/head", accept_encoding="gzip").json() == 2


@pytest.mark.parametrize(
    "path",
    [
        "/v1/store/records/get?key=x",
        "/v1/store/records/get",
        "/v1/store/records/state-at?number=%22x%22",
        "/v1/store/records/head?x=1",
    ],
)
def test_what_cant_be_read_is_a_problem(asked: Asked, path: str) -> None:
    answer = asked.get(path)
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-routerctl-version"] == __version__


def test_bodies_and_revisions_are_checked(asked: Asked) -> None:
    assert asked.post("/v1/store/records/event-counts", []).status_code == 400
    assert asked.ask("POST", "/v1/store/records/event-counts", b"{" + b" " * 1_100_000).status_code == 413
    for odd in ("-1", "x", "9" * 20):
        assert asked.get("/v1/store/records/head", x_routerctl_at=odd).status_code == 400


def test_each_question_has_its_role(asked: Asked) -> None:
    assert asked.nobody.get("/v1/store/records/head").status_code == 401
    assert asked.viewer.get("/v1/store/accounts/audit").status_code == 403
    rows = asked.operator.get("/v1/store/accounts/audit").json()
    assert [row["operation"] for row in rows] == ["apply", "apply"]
    assert json.dumps(asked.operator.get("/v1/store/accounts/verified").json()["problems"]) == "[]"
