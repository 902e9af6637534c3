from fakes.command import Routerctl, served

from reconciler.cli.enabling import enable
from reconciler.cli.save_options import STORE
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked


def test_a_name_that_is_said_twice_is_one(routerctl: Routerctl) -> None:
    routerctl.apply(served("a"))
    enable(Session({}, str(routerctl.db)), ("a", "a"), Asked(), STORE, enabled=False)
    assert routerctl.capsys.readouterr().out.count("provider/a disabled\n") == 1
