from pathlib import Path

from fakes.workshop import Workshop, simulator

from reconciler.bootstrap.following import Target
from reconciler.bootstrap.legacy import LegacyStep
from reconciler.bootstrap.reading_files import step_of, watched
from reconciler.control.kustomize.overlay import Overlay
from reconciler.control.proposal import DEFAULT
from reconciler.store.url import parse


def test_folders_are_read_or_another_systems_file(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    shop.write("a.yaml", simulator())
    target = Target(parse(str(shop.store)), shop.writer, shop.reader, shop.clock, {})
    step = step_of(target, (str(shop.folder),), None, prune=False, guards=DEFAULT, legacy=False)
    assert step().revision == 1
    other = step_of(target, ("x",), None, prune=False, guards=DEFAULT, legacy=True)
    assert isinstance(other, LegacyStep)
    shop.close()


def test_an_overlay_is_watched_with_its_bases(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "kustomization.yaml").write_text("resources: []\n")
    (tmp_path / "prod").mkdir()
    (tmp_path / "prod" / "kustomization.yaml").write_text("resources: [../base]\n")
    found = watched(["manifests", Overlay(str(tmp_path / "prod"))])
    assert found[0] == "manifests"
    assert {Path(path).name for path in found[1:]} == {"prod", "base"}
