from reconciler.api.people_writes import Grant, Granted
from reconciler.resources.principal import Role
from reconciler.store.tokens import Token


def test_a_token_does_not_show_its_text() -> None:
    token = Token("id", "ci", "sha256:x", Role.VIEWER, (), None, "", "ada")
    assert "rt-secret" not in repr(Granted(token, "rt-secret"))


def test_a_token_may_least_where_nothing_is_said() -> None:
    assert (Grant("ci").role, Grant("ci").managers) == (Role.VIEWER, ())
