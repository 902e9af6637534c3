"""`routerctl up`, with and without --watch."""

from pathlib import Path
from typing import Any

import pytest
from fakes.running import Running, routerctl, running, simulator, started

pytestmark = pytest.mark.slow

BROKEN = "apiVersion: routerctl.dev/v1\nkind: Provider\nmetadata: {name: sim}\nspec: {typ: simulator}\n"


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    folder = tmp_path / "manifests"
    folder.mkdir()
    (folder / "sim.yaml").write_text(simulator("sim", text="one"))
    return folder


def source(gateway: Running) -> dict[str, Any]:
    (only,) = gateway.status()["sources"]
    found: dict[str, Any] = only
    return found


def test_an_edit_is_served_and_a_broken_one_changes_nothing_and_is_reported(manifests: Path) -> None:
    db = manifests.parent / "store.db"
    with running("up", "-f", str(manifests), "--watch", "--workers", "2", db=db) as gateway:
        assert gateway.text("sim") == "one"
        (manifests / "sim.yaml").write_text(simulator("sim", text="two"))
        gateway.wait(lambda: gateway.serves(2, workers=2), "the edit")
        assert gateway.text("sim") == "two"
        (manifests / "broken.yaml").write_text(BROKEN)
        gateway.wait(lambda: source(gateway)["error"], "the report")
        report = source(gateway)
        assert report["ok"] is False
        (problem, *_) = report["problems"]
        assert problem.startswith(f"{manifests}/broken.yaml:4:")
        assert problem in gateway.errors()
        assert "not applied, nothing was changed" in gateway.errors()
        assert gateway.serves(2, workers=2)
        assert gateway.text("sim") == "two"
        (manifests / "broken.yaml").write_text(simulator("more", text="three"))
        gateway.wait(lambda: gateway.serves(3, workers=2), "the mended file")
        assert gateway.text("more") == "three"
        assert source(gateway)["ok"] is True
        assert gateway.stop() == 0


def test_what_was_changed_behind_its_back_is_healed(manifests: Path) -> None:
    db = manifests.parent / "store.db"
    with running("up", "-f", str(manifests), "--watch", "--resync", "200ms", db=db) as gateway:
        elsewhere = manifests.parent / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "sim.yaml").write_text(simulator("sim", text="drifted"))
        routerctl(db, "apply", "-f", str(elsewhere), "--source", str(manifests), "-m", "behind its back")
        gateway.wait(lambda: gateway.serves(3), "the healing revision")
        assert gateway.text("sim") == "one"


def test_broken_manifests_end_it_where_nothing_is_stored(manifests: Path) -> None:
    (manifests / "broken.yaml").write_text(BROKEN)
    with started("up", "-f", str(manifests), db=manifests.parent / "store.db") as gateway:
        assert gateway.process.wait(40) == 3
        assert f"{manifests}/broken.yaml:4:" in gateway.errors()


def test_broken_manifests_leave_what_is_stored_served(manifests: Path) -> None:
    db = manifests.parent / "store.db"
    routerctl(db, "apply", "-f", str(manifests))
    (manifests / "sim.yaml").write_text(BROKEN)
    with running("up", "-f", str(manifests), db=db) as gateway:
        assert gateway.text("sim") == "one"
        assert source(gateway)["ok"] is False
        assert "not applied, nothing was changed" in gateway.errors()
