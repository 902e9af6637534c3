import pytest

from reconciler.errors import Forbidden, InvalidInput
from reconciler.management.problems import PreconditionFailed
from reconciler.management.rest.manner import NONE, check_expected, manager_of
from reconciler.resources.principal import Principal, Role
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.resources.state import State

KEY = ResourceKey("Model", "default", "m")
STATE = State([StoredResource(Resource(KEY, {}), "u", 1, 3, "t", 1)], revision=1)


def test_conditions_of_a_change() -> None:
    for versions in (frozenset("3"), frozenset("23"), frozenset("*")):
        check_expected(STATE, {KEY: versions})
    check_expected(State(), {KEY: NONE})
    check_expected(STATE, {})
    for state, versions in ((STATE, frozenset("2")), (STATE, NONE), (State(), frozenset("*"))):
        with pytest.raises(PreconditionFailed, match="Model/m"):
            check_expected(state, {KEY: versions})


def test_in_whose_name() -> None:
    who = Principal("token:ci", Role.OPERATOR, frozenset({"git:a"}))
    assert manager_of(who, None) == "api:token:ci"
    assert [manager_of(who, name) for name in ("git:a", "api:token:ci")] == ["git:a", "api:token:ci"]
    admin = Principal("token:root", Role.ADMIN)
    assert manager_of(admin, "deployer") == "deployer"
    for name in ("git:b", "api:token:other"):
        with pytest.raises(Forbidden):
            manager_of(who, name)
    for name in (" x", "x" * 200, "a\nb"):
        with pytest.raises(InvalidInput):
            manager_of(admin, name)
