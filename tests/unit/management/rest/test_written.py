from pathlib import Path

from fakes.api import api

from reconciler.control.imperative.creation import new
from reconciler.control.imperative.providing import put
from reconciler.management.rest.looking import looking
from reconciler.management.rest.manner import Manner
from reconciler.management.rest.writing import carry_out
from reconciler.resources.principal import Principal, Role
from reconciler.resources.resource import ResourceKey

WHO = Principal("token:ci", Role.ADMIN)
A, B, C = (ResourceKey("Model", "default", name) for name in "abc")


def test_what_is_there_afterwards_or_would_be(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        stores = asked.ports.stores
        made = carry_out(stores, WHO, Manner("x"), {A: new(A, {}), B: new(B, {})})
        with looking(stores, WHO) as now:
            stored = made.after(A, now)
            assert stored is not None
            assert stored.resource_version == 1
            assert [each.key for each in made.alive("Model", now, "default")] == [A, B]
            change = {A: None, B: put({("description",): "x"}), C: new(C, {})}
            rehearsed = carry_out(stores, WHO, Manner("x", dry_run=True), change)
            found = {each.key: each for each in rehearsed.alive("Model", now, "default")}
            assert [*found] == [B, C]
            assert found[B].resource.spec["description"] == "x"
            assert (found[B].resource_version, found[C].resource_version) == (2, 0)
            assert now.created_at(found[C]) == now.updated_at(found[C]) > 0
            assert rehearsed.after(A, now) is None
            untouched = carry_out(stores, WHO, Manner("x", dry_run=True), {A: None})
            assert untouched.after(B, now) == now.require(B)
