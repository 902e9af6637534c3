"""import --apply: into the store, as one revision, after a backup. Secrets go to the vault and into no file."""

from collections.abc import Iterator
from contextlib import contextmanager

from reconciler.cli.applied_output import outcome_json
from reconciler.cli.plan_output import done_lines
from reconciler.cli.proposing import considered
from reconciler.cli.session import Session
from reconciler.cli.writes import writes_of
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.wanting import wanted_of_findings
from reconciler.errors import Conflict
from reconciler.json_types import JsonObject


@contextmanager
def by_force() -> Iterator[None]:
    """A conflict names the option that takes fields over here; wherever the store is, its hint is that of apply."""
    try:
        yield
    except Conflict as error:
        if error.hint is not None:
            error.hint = error.hint.replace("apply --force-conflicts", "migrate --apply --force")
        raise


def apply_findings(
    session: Session, findings: Findings, message: str, *, dry_run: bool
) -> tuple[JsonObject, list[str]]:
    """What was done, or would be: as data and as lines. No backup where there was no store, or where nothing changes."""
    wanted = wanted_of_findings(findings)
    if dry_run:
        found = considered(session, wanted, None, writing=True)
        with by_force():
            found.check()
        plan = found.proposal.plan
        return outcome_json(plan, None), ["", "Would apply:", *done_lines(plan)]
    with by_force():
        done = writes_of(session).apply_import(wanted, message)
    plan, revision = done.applied.proposal.plan, done.applied.revision
    lines = ["", *([f"Backup: {done.backup}"] if done.backup is not None else []), *done_lines(plan)]
    lines.append(
        f"Revision {revision.number}"
        if not plan.empty
        else f"No changes. Revision {revision.number} is the head."
    )
    return {**outcome_json(plan, revision), "backup": done.backup}, lines
