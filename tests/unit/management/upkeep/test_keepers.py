from pathlib import Path

from fakes.api import api

from reconciler.management.upkeep.keepers import Copied, Keeper
from reconciler.resources.principal import Principal, Role


def test_bootstrap_fills_the_port(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        keeper: Keeper = asked.ports.keepers(Principal("token:ada", Role.ADMIN))
        copied: Copied = keeper.copy()
        assert copied.backup.head.number == 0
        copied.close()
