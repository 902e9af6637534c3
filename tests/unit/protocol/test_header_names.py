import pytest

from reconciler.protocol.header_names import CONNECTION, CREDENTIALS, MAX_NAME, REDIRECTING, is_name


@pytest.mark.parametrize("name", ["X-Team", "a", "x_y.z~", "1", "x" * MAX_NAME])
def test_names_that_http_allows(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", "X Team", "X:Team", "x\n", "\xe9", "x" * (MAX_NAME + 1), "{x}"])
def test_names_that_it_does_not(name: str) -> None:
    assert not is_name(name)


def test_each_name_stands_once_as_it_is_compared() -> None:
    names = [*CREDENTIALS, *CONNECTION, *REDIRECTING]
    assert len(names) == len({*names})
    assert [name for name in names if name != name.lower() or not is_name(name)] == []
