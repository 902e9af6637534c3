import pytest
from starlette.requests import Request

from reconciler.errors import Forbidden
from reconciler.management.problems import BadRequest
from reconciler.management.rest.call import Call
from reconciler.management.rest.manner import NONE
from reconciler.resources.principal import Principal, Role
from reconciler.resources.resource import ResourceKey

KEY = ResourceKey("Model", "default", "m")
LIMITED = Principal("token:x", Role.OPERATOR, namespaces=frozenset({"team"}))


def call(*headers: tuple[str, str], who: Principal = LIMITED, path: str = "m", **given: str) -> Call:
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    scope = {"type": "http", "method": "PUT", "path": "/", "headers": sent, "path_params": {"id": path}}
    return Call(Request(scope), who, given, b'{"a": 1}')


def test_names_are_bounded() -> None:
    assert call(path="a b").path("id") == "a b"
    for name in ("x" * 2000, "a\nb", "\u202e", "\x00"):
        with pytest.raises(BadRequest):
            call(path=name).path("id")


def test_a_namespace_has_to_be_ones_own() -> None:
    assert call(namespace="team").namespace() == "team"
    for name in ("default", "other", "Team"):
        with pytest.raises(Forbidden):
            call(namespace=name).namespace()
    with pytest.raises(Forbidden):
        call().namespace()
    for name in ("", "x" * 300, "a\nb"):
        with pytest.raises(BadRequest):
            call(namespace=name).namespace()


def test_how_it_is_to_be_done() -> None:
    plain = call().manner("put", KEY)
    assert (plain.operation, plain.dry_run, plain.force, plain.expected) == ("put", False, False, {})
    asked = call(("if-match", '"3"'), dryRun="true", force="1", manager="x", message="why").manner("put", KEY)
    assert (asked.dry_run, asked.force, asked.manager, asked.message) == (True, True, "x", "why")
    assert asked.expected == {KEY: {"3"}}
    assert call(("if-none-match", "*")).manner("put", KEY).expected == {KEY: NONE}
    with pytest.raises(BadRequest, match="message"):
        call(message="x" * 2000).manner("put")
    for headers in ([("if-none-match", '"3"')], [("if-none-match", "*"), ("if-match", "*")]):
        with pytest.raises(BadRequest):
            call(*headers).manner("put", KEY)


def test_its_body() -> None:
    assert call().object == call().json == {"a": 1}
    assert not call().flag("x")
