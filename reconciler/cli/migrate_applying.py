"""migrate --apply: into the store, as one revision, after a backup. Secrets go to the vault and into no file."""

from dataclasses import replace
from pathlib import Path

from reconciler.cli.applied_output import outcome_json
from reconciler.cli.applying import apply_wanted
from reconciler.cli.migrate_backup import back_up_store
from reconciler.cli.plan_output import done_lines
from reconciler.cli.proposing import considered
from reconciler.cli.session import Session
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.wanting import wanted_of_findings
from reconciler.json_types import JsonObject


def migrate_into_store(
    session: Session, findings: Findings, message: str, *, force: bool, dry_run: bool
) -> tuple[JsonObject, list[str], Path | None]:
    """What was done, or would be, as data and as lines; and the backup. Raises Conflict as apply does, unless with `force`."""
    wanted = replace(wanted_of_findings(findings), force=force)
    found = considered(session, wanted, None)
    found.check()
    proposal = found.proposal
    if dry_run:
        return outcome_json(proposal.plan, None), done_lines(proposal.plan), None
    backup = None if proposal.plan.empty else back_up_store(session)
    applied = apply_wanted(session, wanted, message)
    plan, revision = applied.proposal.plan, applied.revision
    done = (
        f"Revision {revision.number}"
        if not plan.empty
        else f"No changes; revision {revision.number} is the head"
    )
    ended = ["legacy mode has ended: its file counts no more"] if applied.proposal.renamed_from else []
    return outcome_json(plan, revision), [*done_lines(plan), done, *ended], backup
