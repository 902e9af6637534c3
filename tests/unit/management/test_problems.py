import json

from reconciler.api.problems import error_of
from reconciler.control.apply import FieldConflicts
from reconciler.control.manifest.document import InvalidManifests, Location, Problem
from reconciler.control.ownership.apply import FieldConflict
from reconciler.control.plan.model import ResourceConflict
from reconciler.errors import (
    Forbidden,
    InvalidInput,
    NotFound,
    NotTrusted,
    Refused,
    RouterctlError,
    TimedOut,
)
from reconciler.management.problems import (
    MEDIA_TYPE,
    AnotherRequest,
    BadRequest,
    PreconditionFailed,
    TooLarge,
    UnsupportedMedia,
    causes,
    guard_refusal,
    of_error,
    problem,
)
from reconciler.resources.resource import ResourceKey


def test_a_problem_has_the_members_of_rfc_9457() -> None:
    assert problem(404, "not_found", "there is no /x here") == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "there is no /x here",
        "code": "not_found",
    }


def test_the_guard_refuses_in_that_shape() -> None:
    headers, body = guard_refusal(421, "host_not_allowed", "use localhost", "/status")
    assert headers == [(b"content-type", MEDIA_TYPE.encode())]
    assert json.loads(body)["status"] == 421
    assert json.loads(body)["detail"] == "use localhost"


def test_an_error_tells_all_that_raises_it_again() -> None:
    told = of_error(NotFound("no such thing", hint="look", command="get models"))
    assert (told["status"], told["code"], told["hint"], told["command"]) == (
        404,
        "not_found",
        "look",
        "get models",
    )
    again = error_of(404, told)
    assert (type(again), again.message, again.hint) == (NotFound, "no such thing", "look")


def test_each_class_has_its_status() -> None:
    for error, status in (
        (BadRequest("x"), 400),
        (TooLarge("x"), 413),
        (UnsupportedMedia("x"), 415),
        (PreconditionFailed("x"), 412),
        (AnotherRequest("x"), 422),
        (InvalidInput("x"), 422),
        (Refused("x"), 409),
        (Forbidden("x"), 403),
        (NotTrusted("x"), 503),
        (TimedOut("x"), 504),
        (RouterctlError("x"), 500),
    ):
        assert of_error(error)["status"] == status


def test_fields_are_causes() -> None:
    key = ResourceKey("Model", "default", "m")
    location = Location("a.yaml", 3, 5)
    invalid = InvalidManifests([Problem(location, "wrong", key, "spec.x", "mend it"), Problem(None, "odd")])
    assert causes(invalid) == [
        {
            "detail": "wrong",
            "resource": "Model/m",
            "field": "spec.x",
            "hint": "mend it",
            "file": "a.yaml",
            "line": 3,
            "column": 5,
        },
        {"detail": "odd"},
    ]
    assert of_error(invalid)["standsAlone"] is True
    conflict = ResourceConflict(key, (FieldConflict("spec.x", "git:a", "t", 1, 2),))
    (cause,) = causes(FieldConflicts([conflict]))
    assert (cause["manager"], cause["field"], cause["resource"]) == ("git:a", "spec.x", "Model/m")
    assert "errors" not in of_error(Refused("x"))
