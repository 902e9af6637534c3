import pytest

from reconciler.control.manager_name import local_name, manager_name
from reconciler.errors import InvalidInput, Refused


@pytest.mark.parametrize("name", ["ci", "kubectl-edit", "night shift", "git:here", "gitea:x", "x" * 128])
def test_names_that_may_be_used(name: str) -> None:
    assert manager_name(name, ["git:here"]) == name


@pytest.mark.parametrize("name", ["git:there", "git:", "api:ada", "cli:bob"])
def test_the_name_of_somebody_else(name: str) -> None:
    with pytest.raises(
        Refused, match=f"can't be managed here as {name}: that is the name of somebody else"
    ) as error:
        manager_name(name, ["git:here", "cli:ada"])
    assert error.value.hint == (
        "here it may be cli:ada or git:here, or a name that does not begin with git:, cli:, api:"
    )


@pytest.mark.parametrize("name", ["", " ", "a ", "a\nb", "x" * 129, "\x1b[1m"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(InvalidInput, match="is no name of a field manager") as error:
        manager_name(name, [])
    assert error.value.message.isprintable()


def test_somebody_at_this_machine() -> None:
    assert local_name(None, "ada") == "cli:ada"
    assert local_name("cli:ada", "ada") == "cli:ada"
    assert local_name("night", "ada") == "night"
    with pytest.raises(Refused):
        local_name("cli:bob", "ada")
