"""The steps of migrate: look, show, back up, write, verify, and say what is left to do."""

from dataclasses import dataclass
from pathlib import Path

import click

from reconciler.cli import import_output, migrate_asking, migrate_output
from reconciler.cli.confirming import Declined
from reconciler.cli.import_comparing import compare_with
from reconciler.cli.migrate_applying import migrate_into_store
from reconciler.cli.migrate_asking import Aim
from reconciler.cli.migrate_looking import Looked, findings_of
from reconciler.cli.migrate_output import DONE, NOTE, ODD, Steps
from reconciler.cli.migrate_writing import migrate_into_folder
from reconciler.cli.session import Session
from reconciler.control.importing.findings import Findings
from reconciler.json_types import JsonObject, value_at


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options say. asks: whether somebody answers questions; shows: whether steps are told while they are made."""

    aim: Aim
    names: dict[str, str]
    message: str
    force: bool
    seal: bool
    dry_run: bool
    asks: bool
    shows: bool


def migrate(session: Session, looked: Looked, namespace: str, asked: Asked) -> tuple[JsonObject, bool]:
    """What was done, as data; whether the result is what the sources say."""
    store = migrate_output.store_item(session)
    steps = Steps(shown=asked.shows)
    steps.text(f"Looking in {', '.join(map(str, looked.places))}")
    found = migrate_asking.which_of(looked.found) if asked.asks else looked.found
    findings = findings_of(found, namespace, {})
    steps.step(
        "Found", [*((DONE, form) for form in findings.forms), *((ODD, text) for text in looked.unread)]
    )
    aim, names = asked.aim, asked.names
    if asked.asks:
        names = {**names, **migrate_asking.names_for(findings)}
        aim = migrate_asking.where_to(aim)
    findings = findings_of(found, namespace, names)
    for heading, items in migrate_output.told_of(findings):
        steps.step(heading, items)
    steps.step("Store", [store])
    exposed = import_output.exposure(findings)
    for heading, items in migrate_output.losses_of(findings):
        steps.step(heading, items)
    steps.step("Mind", [(ODD, warning) for warning in findings.warnings])
    if asked.asks and not asked.dry_run and not click.confirm("Go ahead?", default=True):
        raise Declined("declined: nothing was done")
    folder = None if aim.applies else aim.folder
    data = _write(session, findings, folder, asked, steps)
    compared = [] if asked.dry_run else compare_with(session, findings, folder)
    steps.step("Verified", migrate_output.verified_item(compared) if compared else [])
    steps.step(
        "To be exchanged, since they stood in plain text", migrate_output.secret_items(findings, exposed)
    )
    same = not import_output.differs(compared)
    if asked.dry_run:
        steps.text("Dry run: nothing was changed.")
    else:
        steps.text("Migration complete." if same else "The result is not what the sources say; see above.")
        steps.text(
            "Next steps:",
            *migrate_output.next_steps(
                session.program, findings, folder, seal=asked.seal, remote=session.is_remote
            ),
        )
        if data["backup"] or value_at(data, ("result", "changed")) is True:
            which = f" {data['backup']}" if folder is not None else ""
            steps.text(f"To take it back: {session.program} migrate --rollback{which}")
    report = import_output.findings_json(findings, exposed)
    return {
        **report,
        **data,
        "unread": [*looked.unread],
        "verified": migrate_output.compared_data(compared),
    }, same


def _write(
    session: Session, findings: Findings, folder: Path | None, asked: Asked, steps: Steps
) -> JsonObject:
    """Folder None: into the store."""
    force, dry_run = asked.force, asked.dry_run
    if folder is None:
        message = asked.message or "migrate"
        result, lines, backup = migrate_into_store(session, findings, message, force=force, dry_run=dry_run)
    else:
        result, lines, kept = migrate_into_folder(
            session, folder, findings, seal=asked.seal, force=force, dry_run=dry_run
        )
        backup = str(kept) if kept is not None else None
    if backup is not None:
        there = ", where the store is" if session.is_remote and folder is None else ""
        steps.step("Backup", [(DONE, f"{backup}{there}")])
    done = "applied" if folder is None else f"written to {folder}"
    heading = (
        f"Would be {done}" if dry_run else done.capitalize() if folder is None else f"Written to {folder}"
    )
    steps.step(heading, [(NOTE if dry_run else DONE, line.strip()) for line in lines])
    return {"result": result, "backup": backup}
