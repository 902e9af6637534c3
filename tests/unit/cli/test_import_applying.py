"""The rest is shown by tests/unit/cli/commands/test_import_.py."""

from fakes.command import Routerctl
from fakes.importing import DATA


def test_each_backup_has_a_name_of_its_own(routerctl: Routerctl) -> None:
    for name in ("router.env", "oxide.yaml", "litellm.yaml"):
        routerctl.ok("import", DATA / name, "--apply")
    assert len([*(routerctl.db.parent / "backups").glob("*.db")]) == 2


def test_a_field_of_somebody_else_is_a_conflict(routerctl: Routerctl) -> None:
    routerctl.ok("import", DATA / "router.env", "--out", routerctl.manifests)
    file = routerctl.manifests / "providers" / "lm-studio-default.yaml"
    file.write_text(file.read_text().replace("priority: 10", "priority: 11"))
    routerctl.ok("apply", "-f", routerctl.manifests)
    done = routerctl("import", DATA / "router.env", "--apply")
    assert done.code == 4
    assert "priority" in done.err
