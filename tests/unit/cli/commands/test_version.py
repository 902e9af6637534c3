from fakes.command import Routerctl

from reconciler import __version__


def test_the_version(routerctl: Routerctl) -> None:
    assert routerctl.ok("version") == f"routerctl {__version__}\n"
    assert routerctl.plain("--version").out == f"routerctl {__version__}\n"
