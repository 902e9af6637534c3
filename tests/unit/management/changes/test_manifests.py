from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.api import Asked, api
from fakes.command import manifest, served

from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.principal import Principal, Role

OPERATOR = Principal("token:ci", Role.OPERATOR, frozenset({"git:acme"}))
YAML = {"content_type": "application/yaml"}


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    with api(tmp_path) as made:
        yield made


def ci(asked: Asked) -> Asked:
    return Asked(asked.ports, asked.reader, asked.observations, asked.location, OPERATOR)


def test_plain_manifests_are_applied(asked: Asked) -> None:
    text = served("one").encode()
    compared = asked.viewer.ask("POST", "/v1/diff", text, **YAML).json()
    assert (compared["changed"], compared["summary"]) == (True, {"create": 3, "update": 0, "delete": 0})
    assert compared["changes"][0] == "create Provider/one"
    rehearsed = ci(asked).ask("POST", "/v1/apply?source=acme&dryRun=true", text, **YAML)
    assert (rehearsed.status_code, asked.reader.head()) == (200, 0)
    done = ci(asked).ask("POST", "/v1/apply?source=acme&message=why", text, **YAML)
    assert (done.status_code, done.json()["revision"]) == (200, 1)
    revision = asked.reader.revision(1)
    assert (revision.actor, revision.source, revision.message) == ("token:ci", "acme", "why")
    again = ci(asked).post("/v1/apply?source=acme&prune=true", {"manifests": served("one")})
    assert (again.json()["changed"], again.json()["revision"]) == (False, 1)
    pruned = ci(asked).post("/v1/apply?source=acme&prune=true", {"manifests": manifest("Model", "one")})
    assert (pruned.status_code, pruned.json()["changes"]) == (
        200,
        ["delete Binding/one", "delete Provider/one"],
    )


def test_a_namespace_and_a_manager_are_words_of_the_query(asked: Asked) -> None:
    text = manifest("Model", "m").encode()
    done = ci(asked).ask("POST", "/v1/apply?namespace=team&manager=api:token:ci", text, **YAML)
    assert done.status_code == 200
    stored = asked.there("Model", "m", "team")
    assert stored is not None
    assert [each.manager for each in stored.managed_fields] == ["api:token:ci"]


def test_errors_have_their_places(asked: Asked) -> None:
    refused = ci(asked).ask(
        "POST", "/v1/apply", manifest("Binding", "b", {"model": "x", "provider": "y"}).encode(), **YAML
    )
    (first, _) = refused.json()["errors"]
    assert (refused.status_code, first["file"], first["line"]) == (422, "manifests", 2)
    assert first["resource"] == "Binding/b"


REFUSED: list[tuple[int, str, JsonValue | bytes, dict[str, str]]] = [
    (400, "/v1/apply", b"\xff", YAML),
    (400, "/v1/apply", {"manifests": 1}, {}),
    (400, "/v1/apply", {"manifests": "", "prune": True}, {}),
    (400, "/v1/apply", [], {}),
    (422, "/v1/apply", {"intention": {"zzz": 1}}, {}),
    (422, "/v1/apply?prune=true", {"manifests": ""}, {}),
    (403, "/v1/apply?source=other", {"manifests": ""}, {}),
    (409, "/v1/apply?manager=cli:ada", {"manifests": manifest("Model", "m")}, {}),
    (403, "/v1/apply?manager=deploy", {"manifests": manifest("Model", "m")}, {}),
    (422, "/v1/plans/apply", {"format": "x"}, {}),
    (400, "/v1/plans", b"\xff", YAML),
    (400, "/v1/plans?message=x", b"", YAML),
    (422, "/v1/plans", b"kind: Pod", YAML),
    (415, "/v1/plans/apply", b"", YAML),
]


def test_what_can_not_be_used_is_refused(asked: Asked) -> None:
    for status, path, body, headers in REFUSED:
        found = ci(asked).ask("POST", path, body, **headers)
        assert found.status_code == status, found.text
    assert asked.reader.head() == 0


def test_a_plan_is_made_and_applied(asked: Asked) -> None:
    intention: JsonObject = {"texts": [{"file": "a.yaml", "line": 1, "text": manifest("Model", "m")}]}
    made = asked.viewer.post("/v1/plans", {"intention": intention}).json()
    assert asked.viewer.post("/v1/plans/apply", made["plan"]).status_code == 403
    plan = ci(asked).post("/v1/plans", {"intention": intention}).json()["plan"]
    done = ci(asked).post("/v1/plans/apply?message=why", plan).json()
    assert (done["revision"], done["changed"], done["already"]) == (1, True, None)
    again = ci(asked).post("/v1/plans/apply", plan).json()
    assert (again["changed"], again["already"]) == (False, 1)


def test_a_plan_is_made_of_plain_manifests_too(asked: Asked) -> None:
    text, query = manifest("Model", "m"), "/v1/plans?source=acme&namespace=team"
    made = ci(asked).ask("POST", query, text.encode(), **YAML)
    assert made.status_code == 200, made.text
    plan = made.json()["plan"]
    other = ci(asked).post(query, {"manifests": text}).json()["plan"]
    (one,), (another,) = plan["changes"], other["changes"]
    assert {**another, "managedFields": []} == {
        **one,
        "managedFields": [],
    }  # they have the time of their request
    assert [each["path"] for each in plan["inputs"]] == ["manifests"]
    assert (ci(asked).post("/v1/plans/apply", plan).json()["revision"], asked.reader.revision(1).source) == (
        1,
        "acme",
    )
    assert asked.there("Model", "m", "team") is not None


def test_the_same_request_again_has_the_same_answer(asked: Asked) -> None:
    body: JsonObject = {"manifests": manifest("Model", "m")}
    first = ci(asked).post("/v1/apply", body, idempotency_key="k1")
    second = ci(asked).post("/v1/apply", body, idempotency_key="k1")
    assert (first.json()["changed"], second.json()["changed"]) == (True, True)
    assert asked.reader.head() == 1


def test_an_import_comes_with_a_backup(asked: Asked) -> None:
    done = ci(asked).post("/v1/imports?message=x", {"manifests": manifest("Model", "m")}).json()
    assert Path(done["imported"]["backup"]).exists()
