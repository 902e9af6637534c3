"""What --save writes: rewrites whose secrets are sealed, planned against the manifests of a folder."""

from collections.abc import Callable
from pathlib import Path

from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.saving import Stored, plan_saving
from reconciler.control.imperative.sealing import sealed_rewrites
from reconciler.control.manifest.round_trip.folder import FolderPlan, Manifests
from reconciler.control.manifest.round_trip.write import write_folder
from reconciler.secrets.sealing import PublicKey


class Saver:
    """`rewrites`: the same with every secret in plain text sealed, once, for the manifests and the store alike.

    `planned` is what to write once `plan` was asked.
    """

    def __init__(
        self, rewrites: Rewrites, public_key: Callable[[], PublicKey], *, ignore_missing: bool = False
    ) -> None:
        self.rewrites = sealed_rewrites(rewrites, public_key)
        self.planned = FolderPlan(Path(), (), (), ())
        self._ignore_missing = ignore_missing

    def plan(self, manifests: Manifests, stored: Stored) -> None:
        """As plan_saving."""
        self.planned = plan_saving(manifests, self.rewrites, stored, ignore_missing=self._ignore_missing)

    def write(self) -> None:
        """What was planned; raises as write_folder does."""
        write_folder(self.planned)
