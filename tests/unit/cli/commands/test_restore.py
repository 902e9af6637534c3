import pytest
from fakes.command import Routerctl, manifest, served

SEALED = manifest(
    "Provider",
    "far",
    {"type": "openai-compatible", "config": {"baseURL": "https://a.example/v1", "apiKey": "sk-plain"}},
)


@pytest.fixture
def saved(routerctl: Routerctl) -> Routerctl:
    """A store of revision 2, and a backup of its revision 1."""
    routerctl.apply(served("m", priority=1), SEALED)
    routerctl.ok("backup", routerctl.folder / "backup.db")
    routerctl.apply(served("m", priority=2), SEALED)
    return routerctl


def test_the_store_is_what_the_backup_holds(saved: Routerctl) -> None:
    lines = saved.ok("restore", saved.folder / "backup.db").splitlines()
    assert lines[0].startswith("Restored revision 1  digest sha256:")
    assert lines[1].startswith(f"The store as it was is kept in {saved.db.parent}/routerctl-before-restore-")
    assert lines[2].endswith(f"which is looked for in the file {saved.db.with_suffix('.key')}.")
    assert saved.ok("get", "provider/m", "-o", "jsonpath={.spec.priority}") == "1\n"
    assert "1 sealed value opened" in saved.ok("history", "verify")
    assert saved("diff", "-f", saved.manifests).code == 1
    assert "Revision 2" in saved.ok("apply", "-f", saved.manifests)


def test_what_it_kept_can_be_restored_as_well(saved: Routerctl) -> None:
    kept = saved("restore", saved.folder / "backup.db", "-o", "json").json()["kept"]
    assert saved("restore", kept, "-o", "json").json()["revision"] == 2
    assert saved.ok("get", "provider/m", "-o", "jsonpath={.spec.priority}") == "2\n"
    saved.ok("history", "verify")


def test_into_a_new_store(saved: Routerctl) -> None:
    told = saved.plain("--db", str(saved.folder / "new" / "x.db"), "restore", str(saved.folder / "backup.db"))
    assert told.code == 0, told.err
    assert "kept in" not in told.out


def test_what_is_no_backup_is_refused(saved: Routerctl) -> None:
    assert saved("restore", saved.folder / "none.db").code == 3
    (saved.folder / "text.db").write_text("no database, but long enough to be looked at by everybody" * 30)
    assert saved("restore", saved.folder / "text.db").code == 5
    assert saved("restore", saved.db).code == 4
