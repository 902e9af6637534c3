from pathlib import Path

from reconciler.control.kustomize.overlay import Overlay, place_of


def test_an_overlay_is_a_path_that_can_be_told_apart() -> None:
    overlay = Overlay("overlays/prod")
    assert isinstance(overlay, Overlay)
    assert Path(overlay) == Path("overlays/prod")
    assert overlay == "overlays/prod"
    assert not isinstance(str(overlay), Overlay)
    assert (overlay.top, Overlay(Path("x"), top="/srv").top) == (None, "/srv")


def test_people_see_by_a_slash_that_it_is_one() -> None:
    assert [place_of(path) for path in (Overlay("overlays/prod"), Overlay(""), "manifests", "")] == [
        "overlays/prod/", "./", "manifests", ""
    ]  # fmt: skip
