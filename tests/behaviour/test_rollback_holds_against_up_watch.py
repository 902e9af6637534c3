"""A rollback holds against a running `up --watch`, until what the files declare changes in value, or it is resumed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fakes.running import Running, routerctl, running, simulator

pytestmark = pytest.mark.slow

RESPELLED = """\
# the same values, otherwise written
kind: Provider
apiVersion: routerctl.dev/v1
metadata:
  name: sim
spec:
  config: {latency: 500ms, text: 'two'}
  type: "simulator"
"""


def sim(text: str, latency: object = 500) -> str:
    return simulator("sim", text=text, latency=latency)


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    folder = tmp_path / "manifests"
    folder.mkdir()
    (folder / "sim.yaml").write_text(sim("one"))
    (folder / "other.yaml").write_text(simulator("other", text="other one"))
    return folder


@contextmanager
def watching(manifests: Path) -> Iterator[Running]:
    arguments = ("up", "-f", str(manifests), "--watch", "--resync", "100ms")
    with running(*arguments, db=manifests.parent / "store.db") as gateway:
        yield gateway


def rolled_back(gateway: Running, manifests: Path) -> str:
    """Revision 2 is undone by revision 3; what the command said."""
    gateway.wait(lambda: gateway.serves(2), "the edit")
    said = routerctl(manifests.parent / "store.db", "rollback", "1", "-m", "two is bad")
    gateway.wait(lambda: gateway.serves(3), "the rollback")
    return said


def source(gateway: Running) -> dict[str, Any]:
    (only,) = gateway.status()["sources"]
    found: dict[str, Any] = only
    return found


def see_resyncs(gateway: Running, count: int) -> None:
    """Waits for `count` more reconciles at least; the last ones began after this call."""
    times = {source(gateway)["time"]}

    def enough() -> bool:
        times.add(source(gateway)["time"])
        return len(times) > count

    gateway.wait(enough, f"{count} resyncs")


def held(gateway: Running) -> list[str]:
    return [each["resource"] for each in gateway.status()["held"]]


def test_it_holds_through_three_resyncs_and_a_save_that_changes_nothing(manifests: Path) -> None:
    db = manifests.parent / "store.db"
    with watching(manifests) as gateway:
        (manifests / "sim.yaml").write_text(sim("two"))
        said = rolled_back(gateway, manifests)
        end = f"routerctl --db {db} resume {manifests}"
        assert f"Held against {manifests}: Provider/sim. To end it: {end}" in said
        see_resyncs(gateway, 3)
        assert gateway.serves(3)
        assert gateway.text("sim") == "one"
        whole = sim("two").split("---\n", 1)
        (manifests / "sim.yaml").write_text(RESPELLED + "---\n" + whole[1])
        see_resyncs(gateway, 2)
        assert gateway.serves(3)
        assert held(gateway) == ["Provider/sim"]
        shown = source(gateway)
        assert shown["ok"] is True
        assert shown["held"] == [{"resource": "Provider/sim", "revision": 3, "drifts": True}]
        assert "Provider/sim by the rollback that made revision 3" in routerctl(db, "status")
        assert "two is bad (holds 1)" in routerctl(db, "history")
        assert "Holds:      Provider/sim" in routerctl(db, "show", "3")
        assert "Provider/sim" in gateway.errors()
        (manifests / "sim.yaml").write_text(sim("three"))
        gateway.wait(lambda: gateway.serves(4), "the changed value")
        assert gateway.text("sim") == "three"
        gateway.wait(lambda: not held(gateway) and not source(gateway)["held"], "the end of the hold")


def test_the_rest_of_the_source_goes_on_and_a_new_start_holds_as_well(manifests: Path) -> None:
    with watching(manifests) as gateway:
        (manifests / "sim.yaml").write_text(sim("two"))
        rolled_back(gateway, manifests)
        (manifests / "other.yaml").write_text(simulator("other", text="other two"))
        gateway.wait(lambda: gateway.serves(4), "the edit of another file")
        assert (gateway.text("sim"), gateway.text("other")) == ("one", "other two")
        assert gateway.stop() == 0
    with watching(manifests) as gateway:
        see_resyncs(gateway, 1)
        assert gateway.serves(4)
        assert gateway.text("sim") == "one"
        assert held(gateway) == ["Provider/sim"]


def test_absence_is_held_until_it_is_resumed(manifests: Path) -> None:
    db = manifests.parent / "store.db"
    with watching(manifests) as gateway:
        (manifests / "new.yaml").write_text(simulator("new", text="new"))
        rolled_back(gateway, manifests)
        see_resyncs(gateway, 2)
        assert gateway.serves(3)
        assert gateway.chat("new").status_code == 404
        assert held(gateway) == ["Binding/new", "Model/new", "Provider/new"]
        assert "resumed   Provider/new" in routerctl(db, "resume", str(manifests))
        gateway.wait(lambda: gateway.serves(4), "what was resumed")
        assert gateway.text("new") == "new"
        assert held(gateway) == []


def test_apply_from_the_source_ends_it(manifests: Path) -> None:
    db = manifests.parent / "store.db"
    with watching(manifests) as gateway:
        (manifests / "sim.yaml").write_text(sim("two"))
        rolled_back(gateway, manifests)
        assert "Revision 4 " in routerctl(db, "apply", "-f", str(manifests))
        gateway.wait(lambda: gateway.serves(4), "the apply")
        see_resyncs(gateway, 1)
        assert gateway.serves(4)
        assert gateway.text("sim") == "two"
        assert held(gateway) == []
