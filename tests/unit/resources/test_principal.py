from reconciler.resources.principal import UNKNOWN, Principal, Role, local_principal


def test_a_role_covers_those_before_it() -> None:
    covered = {role: [other for other in Role if role.covers(other)] for role in Role}
    assert covered == {
        Role.VIEWER: [Role.VIEWER],
        Role.OPERATOR: [Role.VIEWER, Role.OPERATOR],
        Role.ADMIN: [*Role],
    }


def test_who_works_on_the_file_may_all() -> None:
    found = local_principal("ada", acting_as="Ada L.")
    assert (found.name, found.role, found.is_local, found.sees("any"), found.acting_as) == (
        "local:ada",
        Role.ADMIN,
        True,
        True,
        "Ada L.",
    )
    assert UNKNOWN.name == "local:unknown"


def test_a_token_has_a_name_of_its_own() -> None:
    found = Principal("token:ci", Role.OPERATOR, namespaces=frozenset({"a"}))
    assert (found.is_local, found.own_manager, found.sees("a"), found.sees("b")) == (
        False,
        "api:token:ci",
        True,
        False,
    )
