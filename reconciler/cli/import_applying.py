"""import --apply: into the store, as one revision, after a backup. Secrets go to the vault and into no file."""

from pathlib import Path

from reconciler.cli.applied_output import outcome_json
from reconciler.cli.applying import apply_wanted
from reconciler.cli.plan_output import done_lines
from reconciler.cli.proposing import review_of_wanted
from reconciler.cli.session import Session
from reconciler.control.apply import check
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.wanting import wanted_of_findings
from reconciler.control.plan.model import Plan
from reconciler.control.proposal import Wanted
from reconciler.json_types import JsonObject
from reconciler.store.backup import back_up


def apply_findings(
    session: Session, findings: Findings, message: str, *, dry_run: bool
) -> tuple[JsonObject, list[str]]:
    """What was done, or would be: as data and as lines. No backup where there was no store, or where nothing changes."""
    wanted = wanted_of_findings(findings)
    plan = _plan(session, wanted)
    if dry_run:
        return outcome_json(plan, None), ["", "Would apply:", *done_lines(plan)]
    backup = None
    if not plan.empty and session.location.config_path.exists():
        backup = _backup_file(session)
        backup.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        back_up(session.location, backup)
    applied = apply_wanted(session, wanted, message)
    plan, revision = applied.proposal.plan, applied.revision
    lines = ["", *([f"Backup: {backup}"] if backup is not None else []), *done_lines(plan)]
    lines.append(
        f"Revision {revision.number}"
        if not plan.empty
        else f"No changes. Revision {revision.number} is the head."
    )
    return {**outcome_json(plan, revision), "backup": str(backup) if backup is not None else None}, lines


def _plan(session: Session, wanted: Wanted) -> Plan:
    """What would be done. Raises Conflict as apply does."""
    proposal, _ = review_of_wanted(session, wanted)
    check(wanted, proposal)
    return proposal.plan


def _backup_file(session: Session) -> Path:
    """One that is not there yet."""
    folder, stem = session.state_folder / "backups", session.location.config_path.stem
    base = f"{stem}-before-import-{session.clock.now():%Y%m%d-%H%M%S}"
    count, path = 1, folder / f"{base}.db"
    while path.exists():
        count += 1
        path = folder / f"{base}-{count}.db"
    return path
