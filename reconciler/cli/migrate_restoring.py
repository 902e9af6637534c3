"""migrate --rollback, where the store has another history: its copy takes its place."""

from pathlib import Path

from reconciler.cli.session import Session
from reconciler.json_types import JsonObject
from reconciler.store import audit
from reconciler.store.backup import restore


def restored(session: Session, file: Path) -> tuple[JsonObject, list[str]]:
    """What was done, as data and as lines. Raises Refused while it is served."""

    def noted(store: Path) -> None:
        audit.note(store, session.caller, audit.Deed("restore", f"from {file.name}"), session.clock)

    done = restore(file, session.location, session.clock, noted=noted)
    lines = [f"Restored revision {done.head.number} from {file}"]
    if done.kept is not None:
        lines.append(f"The store as it was is kept in {done.kept}")
    return {"revision": done.head.number, "kept": str(done.kept) if done.kept else None}, [
        *lines,
        f"Start it again: {session.program} serve",
    ]
