"""The rest is shown by tests/unit/cli/commands/test_import_.py."""

from fakes.command import Routerctl
from fakes.importing import DATA


def test_a_folder_is_made_with_all_above_it(routerctl: Routerctl) -> None:
    routerctl.ok("import", DATA / "router.env", "--out", routerctl.folder / "a" / "b")
    assert (routerctl.folder / "a" / "b" / "settings" / "default.yaml").exists()
