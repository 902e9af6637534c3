from fakes.command import Routerctl

from reconciler import __version__


def test_the_version(routerctl: Routerctl) -> None:
    assert routerctl.ok("version") == f"routerctl {__version__}\n"
    assert routerctl.plain("--version").out == f"routerctl {__version__}\n"


def test_for_programs(routerctl: Routerctl) -> None:
    assert routerctl("version", "-o", "json").json() == {"version": __version__, "compiled": False}
    assert routerctl.ok("version", "-o", "jsonpath={.version}") == f"{__version__}\n"
    assert routerctl("version", "-o", "wide").code == 2
