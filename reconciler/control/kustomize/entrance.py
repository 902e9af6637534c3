"""Overlays, for who mostly meets none: what builds them is loaded for the first one."""

from typing import TYPE_CHECKING

from reconciler.control.kustomize.overlay import Overlay
from reconciler.control.manifest.document import Reading
from reconciler.late import late

if TYPE_CHECKING:
    from reconciler.control.kustomize import build as builder
else:
    builder = late("reconciler.control.kustomize.build")

__all__ = ["Overlay", "build"]


def build(overlay: Overlay) -> Reading:
    """As build.build."""
    return builder.build(overlay)
