from reconciler.bootstrap.authors import at_this_machine, by_the_listener
from reconciler.control.intake import user
from reconciler.resources.principal import Principal, Role, local_principal


def test_who_writes_is_named_as_they_work() -> None:
    here = at_this_machine(local_principal("ada"))
    assert (here.actor, here.own, here.remote) == (user(), f"cli:{user()}", False)
    there = by_the_listener(Principal("token:ci", Role.OPERATOR))
    assert (there.actor, there.own, there.remote) == ("token:ci", "api:token:ci", True)
