from fakes.command import Routerctl, served

from reconciler.cli.model_listing import Sought, list_models
from reconciler.cli.session import Session


def test_a_model_of_another_namespace_is_left_out(routerctl: Routerctl) -> None:
    routerctl.apply(served("a"))
    list_models(Session({}, str(routerctl.db)), Sought(), "name")
    assert routerctl.capsys.readouterr().out == "model/a\n"
    list_models(Session({}, str(routerctl.db), "team"), Sought(), "name")
    assert routerctl.capsys.readouterr().out == ""
