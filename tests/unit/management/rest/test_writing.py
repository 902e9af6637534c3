from pathlib import Path

import pytest
from fakes.api import Asked, api
from fakes.store import META, put

from reconciler.bootstrap.writing import open_writer
from reconciler.clock import SystemClock
from reconciler.control.apply import FieldConflicts
from reconciler.control.imperative.creation import new
from reconciler.control.imperative.providing import put as putting
from reconciler.errors import Forbidden
from reconciler.json_types import JsonObject
from reconciler.management.problems import PreconditionFailed
from reconciler.management.rest.manner import NONE, Manner
from reconciler.management.rest.writing import carry_out
from reconciler.resources.principal import Principal, Role
from reconciler.resources.resource import FieldManager, Resource, ResourceKey
from reconciler.store import audit

KEY = ResourceKey("Model", "default", "m")
WHO = Principal("token:ci", Role.OPERATOR, address="10.0.0.9", acting_as="ada")


def test_a_change_is_one_revision_of_who_asks(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        stores = asked.ports.stores
        rehearsed = carry_out(stores, WHO, Manner("model add", dry_run=True), {KEY: new(KEY, {})})
        assert (rehearsed.revision, rehearsed.changed, asked.reader.head()) == (None, True, 0)
        manner = Manner("model add", message="why", expected={KEY: NONE})
        done = carry_out(stores, WHO, manner, {KEY: new(KEY, {})})
        assert done.revision is not None
        assert (done.revision.actor, done.revision.operation, done.revision.message) == (
            "token:ci",
            "model add",
            "why",
        )
        (entry,) = asked.reader.get(KEY).managed_fields or ()  # type: ignore[union-attr]  # it was just made
        assert (entry.manager, entry.operation) == ("api:token:ci", "Update")
        row = audit.rows(asked.reader)[-1]
        assert (row.principal, row.address, row.acting_as, row.manager) == (
            "token:ci",
            "10.0.0.9",
            "ada",
            "api:token:ci",
        )
        same = carry_out(
            stores, WHO, Manner("x"), lambda state: {KEY: lambda whole: whole} if KEY in state else {}
        )
        assert (same.changed, asked.reader.head()) == (False, 1)


def test_conditions_roles_and_namespaces_hold(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        stores = asked.ports.stores
        with pytest.raises(PreconditionFailed):
            carry_out(stores, WHO, Manner("x", expected={KEY: {"1"}}), {KEY: new(KEY, {})})
        elsewhere = Principal("token:x", Role.OPERATOR, namespaces=frozenset({"team"}))
        for who, manner in (
            (Principal("token:v", Role.VIEWER), Manner("x")),
            (elsewhere, Manner("x")),
            (elsewhere, Manner("x", dry_run=True)),
            (WHO, Manner("x", manager="git:routing")),
        ):
            with pytest.raises(Forbidden):
                carry_out(stores, who, manner, {KEY: new(KEY, {})})
        guard = ResourceKey("Settings", "default", "default")
        with pytest.raises(Forbidden, match="only an admin"):
            carry_out(stores, WHO, Manner("x"), {guard: new(guard, {"retention": "1h"})})
        assert asked.reader.head() == 0


def test_what_a_source_declares_is_left_alone_unless_it_is_taken(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        declare(asked, {"description": "a"})
        change = {KEY: putting({("description",): "b"})}
        with pytest.raises(FieldConflicts, match="git:routing"):
            carry_out(asked.ports.stores, WHO, Manner("x"), change)
        carry_out(asked.ports.stores, WHO, Manner("x", force=True), change)
        assert asked.spec("Model", "m")["description"] == "b"


def declare(asked: Asked, spec: JsonObject) -> None:
    fields: JsonObject = {"f:spec": {f"f:{name}": {} for name in spec}}
    manager = FieldManager("git:routing", "Apply", fields, "2026-01-01T00:00:00Z")
    writer = open_writer(asked.location, SystemClock())
    writer.commit([put(Resource(KEY, spec), managers=(manager,), source="routing")], base=0, meta=META)
    writer.close()
