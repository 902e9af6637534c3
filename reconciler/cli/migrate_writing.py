"""migrate --out: into a folder of manifests, after a backup of what is written over."""

from pathlib import Path

from reconciler.cli.export_output import folder_json
from reconciler.cli.import_writing import plan_out, write_planned
from reconciler.cli.migrate_backup import back_up_files
from reconciler.cli.session import Session
from reconciler.control.importing.findings import Findings
from reconciler.json_types import JsonObject


def migrate_into_folder(
    session: Session, folder: Path, findings: Findings, *, seal: bool, force: bool, dry_run: bool
) -> tuple[JsonObject, list[str], Path | None]:
    """What was done, or would be, as data and as lines; and the backup. Raises Refused for files of others, unless with `force`."""
    plan, kept = plan_out(session, folder, findings, seal=seal, force=force)
    backup = None
    if not dry_run and plan.changes:
        backup = back_up_files(session, plan)
        write_planned(plan)
    lines = [f"{each.name} {each.done}" for each in plan.changes if not each.name.startswith(".")]
    lines += [f"{name} kept: it was changed since, and nothing stands for it any more" for name in kept]
    return folder_json(plan, {}, dry_run=dry_run), lines or ["nothing: all is as it was"], backup
