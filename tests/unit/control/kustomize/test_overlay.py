from pathlib import Path

from reconciler.control.kustomize.overlay import Overlay


def test_an_overlay_is_a_path_that_can_be_told_apart() -> None:
    overlay = Overlay("overlays/prod")
    assert isinstance(overlay, Overlay)
    assert Path(overlay) == Path("overlays/prod")
    assert overlay == "overlays/prod"
    assert not isinstance(str(overlay), Overlay)
