import pytest

from reconciler.errors import InvalidInput, Unreachable
from reconciler.library.servers import connect


def test_a_server_is_asked_when_something_is() -> None:
    with connect("http://127.0.0.1:9", environ={}) as router, pytest.raises(Unreachable):
        router.state()
    with pytest.raises(InvalidInput):
        connect("http://example.test", environ={"ROUTERCTL_TOKEN": "rt-x"})
