"""The upkeep of a server's store: what is asked travels, and what came of it comes back. A copy comes as it is."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from reconciler.api import asked
from reconciler.api.upkeep import COPY, KEY_PLACE, BackedUp, Begun, Dropped, Finding, Rotated, Searched
from reconciler.control.manifest.printable import printable
from reconciler.remote.posting import SECONDS, Posting
from reconciler.store.backup import receive
from reconciler.store.compaction import Compaction, Keep


class RemoteUpkeep(Posting):
    """Fits api.upkeep.Upkeep."""

    def back_up(self, target: Path, *, force: bool) -> BackedUp:
        """Verified here, once all of it has come: a connection that breaks leaves nothing."""
        told: dict[str, str] = {}

        def fill(stream: BinaryIO) -> None:
            told.update(self._connection.download("/v1/backup", stream, media=COPY, seconds=SECONDS))

        done = receive(target, fill, f"the copy of {self._connection.server.url}", force=force)
        return BackedUp(done, printable(unquote(told.get(KEY_PLACE, ""))))

    def prune(self, keep: Keep, *, dry_run: bool) -> Compaction:
        told = asked.PruneAsked(keep, dry_run)
        return self.told(self.post("/v1/history/prune", told, asked.PruneAsked), Compaction, "pruned")

    def examine(self, *, online: bool) -> Sequence[Finding]:
        told = asked.DoctorAsked(online)
        return self.told(self.post("/v1/doctor", told, asked.DoctorAsked), tuple[Finding, ...], "findings")

    def search_secrets(self, counted: Callable[[int, int], None]) -> Searched:  # noqa: ARG002  nobody tells on the way
        return self.told(self.send("/v1/secrets/audit", {}), Searched, "searched")

    def rotate_key(self, noted: Callable[[Begun], None]) -> Rotated:
        done: Rotated = self.told(self.send("/v1/encryption-key/rotate", {}), Rotated, "rotated")
        if done.begun is not None:
            noted(done.begun)
        return done

    def drop_old_keys(self, *, dry_run: bool) -> Dropped:
        told = asked.DropAsked(dry_run)
        return self.told(self.post("/v1/encryption-key/drop-old", told, asked.DropAsked), Dropped, "dropped")
