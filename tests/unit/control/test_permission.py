from dataclasses import dataclass

import pytest

from reconciler.control.permission import (
    check_grant,
    check_manager,
    check_read,
    check_token_name,
    check_write,
    require,
)
from reconciler.errors import Forbidden, InvalidInput
from reconciler.json_types import JsonObject
from reconciler.resources.principal import Principal, Role, local_principal
from reconciler.resources.resource import Resource, ResourceKey, StoredResource

ADA = local_principal("ada")


def who(role: Role, *managers: str, namespaces: frozenset[str] | None = None) -> Principal:
    return Principal("token:t", role, frozenset(managers), namespaces)


@dataclass(frozen=True)
class Written:
    key: ResourceKey
    before: StoredResource | None
    after: Resource | None


def written(
    kind: str, before: JsonObject | None, after: JsonObject | None, namespace: str = "default"
) -> Written:
    key = ResourceKey(kind, namespace, "default")
    stored = (
        None if before is None else StoredResource(Resource(key, before), "u", 1, 1, "t", 1, (), None, None)
    )
    return Written(key, stored, None if after is None else Resource(key, after))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("needed", Role)
def test_a_role_does_what_it_covers(role: Role, needed: Role) -> None:
    if role.covers(needed):
        require(who(role), needed)
    else:
        with pytest.raises(Forbidden, match=f"is {role}, and this needs the role {needed}"):
            require(who(role), needed)


def test_reading_and_writing_stay_in_the_namespaces() -> None:
    there = who(Role.OPERATOR, namespaces=frozenset({"team-a"}))
    check_read(there, "team-a")
    check_write(there, [written("Provider", None, {}, "team-a")], "api:token:t")
    with pytest.raises(Forbidden):
        check_read(there, "default")
    with pytest.raises(Forbidden):
        check_write(there, [written("Provider", {}, None)], "api:token:t")
    with pytest.raises(Forbidden):
        check_write(who(Role.VIEWER), [], "api:token:t")


GUARDED: list[tuple[JsonObject | None, JsonObject | None]] = [
    (None, {"auth": {"dataPlane": "none"}}),
    ({"auth": {"dataPlane": "keys"}}, {"auth": {"dataPlane": "none"}}),
    ({"auth": {"dataPlane": "keys"}}, {}),
    ({"egress": {"deny": []}}, None),
    ({}, {"egress": {"allow": [{"host": "evil.example"}]}}),
    ({}, {"retention": "1h"}),
    ({}, {"records": {"bodies": True}}),
]


@pytest.mark.parametrize(("before", "after"), GUARDED)
def test_only_an_admin_changes_what_counts_for_the_whole_gateway(
    before: JsonObject | None, after: JsonObject | None
) -> None:
    change = written("Settings", before, after)
    with pytest.raises(Forbidden, match="only an admin changes"):
        check_write(who(Role.OPERATOR), [change], "api:token:t")
    check_write(who(Role.ADMIN), [change], "api:token:t")
    check_write(ADA, [change], "git:acme")


def test_an_operator_changes_the_rest() -> None:
    kept: JsonObject = {"auth": {"dataPlane": "keys"}}
    changes = [
        written("Settings", {**kept}, {**kept, "defaultModel": "m"}),
        written("Settings", None, {"defaultModel": "m"}, "team-a"),
        written("Provider", {"auth": 1}, {"auth": 2}),
    ]
    check_write(who(Role.OPERATOR, "mine"), changes, "mine")


def test_a_manager_belongs_to_whose_token_lists_it() -> None:
    lent = who(Role.OPERATOR, "git:acme")
    for manager in ("git:acme", "api:token:t"):
        check_manager(lent, manager)
    for manager in ("git:other", "api:token:else", "git:", "kubectl", "cli:ada"):
        with pytest.raises(Forbidden, match="may not manage fields as"):
            check_manager(lent, manager)
    check_manager(ADA, "git:anything")
    check_manager(who(Role.ADMIN), "kubectl")
    with pytest.raises(Forbidden):
        check_manager(who(Role.ADMIN), "cli:ada")


def test_nobody_gives_what_they_do_not_have() -> None:
    there = who(Role.ADMIN, "git:acme", namespaces=frozenset({"a", "b"}))
    check_grant(there, Role.ADMIN, ["git:acme"], ["a"])
    check_grant(ADA, Role.ADMIN, ["git:anything", "api:x"], None)
    for by, managers, namespaces in (
        (who(Role.OPERATOR), [], None),
        (who(Role.VIEWER), [], None),
        (there, ["git:other"], ["a"]),
        (there, [], ["a", "c"]),
        (there, [], None),
    ):
        with pytest.raises(Forbidden):
            check_grant(by, Role.VIEWER, managers, namespaces)


@pytest.mark.parametrize("namespaces", [(), ("",), ("a", "")])
def test_no_namespace_is_not_all_of_them(namespaces: tuple[str, ...]) -> None:
    for by in (ADA, who(Role.ADMIN, namespaces=frozenset({"a"}))):
        with pytest.raises(InvalidInput, match="of no namespace could do nothing"):
            check_grant(by, Role.VIEWER, [], namespaces)


@pytest.mark.parametrize("manager", ["cli:ada", "", "git:", "git:a\x01"])
def test_a_token_needs_no_other_manager(manager: str) -> None:
    with pytest.raises(InvalidInput, match="no manager that a token needs"):
        check_grant(ADA, Role.VIEWER, [manager], None)


def test_a_token_has_a_plain_name() -> None:
    assert check_token_name("ci-1.prod") == "ci-1.prod"
    for name in ("", "-ci", "a b", "a\n", "x" * 64, "a/b"):
        with pytest.raises(InvalidInput, match="no name of a token"):
            check_token_name(name)
