"""migrate --apply: into the store, as one revision, after a backup. Secrets go to the vault and into no file."""

from dataclasses import replace

from reconciler.cli.applied_output import outcome_json
from reconciler.cli.import_applying import by_force
from reconciler.cli.plan_output import done_lines
from reconciler.cli.proposing import considered
from reconciler.cli.session import Session
from reconciler.cli.writes import writes_of
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.wanting import wanted_of_findings
from reconciler.json_types import JsonObject


def migrate_into_store(
    session: Session, findings: Findings, message: str, *, force: bool, dry_run: bool
) -> tuple[JsonObject, list[str], str | None]:
    """What was done, or would be, as data and as lines; and the backup, which lies where the store is.

    Raises Conflict as apply does, unless with `force`.
    """
    wanted = replace(wanted_of_findings(findings), force=force)
    if dry_run:
        found = considered(session, wanted, None, writing=True)
        with by_force():
            found.check()
        plan = found.proposal.plan
        return outcome_json(plan, None), done_lines(plan), None
    with by_force():
        done = writes_of(session).apply_import(wanted, message)
    applied = done.applied
    plan, revision = applied.proposal.plan, applied.revision
    told = (
        f"Revision {revision.number}"
        if not plan.empty
        else f"No changes; revision {revision.number} is the head"
    )
    ended = ["legacy mode has ended: its file counts no more"] if applied.proposal.renamed_from else []
    return outcome_json(plan, revision), [*done_lines(plan), told, *ended], done.backup
