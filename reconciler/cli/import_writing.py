"""import --out: into a folder of manifests."""

from contextlib import nullcontext
from pathlib import Path

from reconciler.bootstrap.ciphers import load_cipher
from reconciler.bootstrap.reading import open_reader_if_any
from reconciler.cli.import_targets import folder_plan
from reconciler.cli.secret_input import public_key_for
from reconciler.cli.session import Session
from reconciler.control.importing.findings import Findings
from reconciler.control.manifest.round_trip.folder import FolderPlan
from reconciler.control.manifest.round_trip.write import write_folder
from reconciler.secrets.cipher import Cipher


def write_out(
    session: Session, folder: Path, findings: Findings, *, seal: bool, public: Path | None, dry_run: bool
) -> tuple[FolderPlan, tuple[str, ...]]:
    """As `plan_out`, and written unless it is a dry run."""
    plan, kept = plan_out(session, folder, findings, seal=seal, public=public)
    if not dry_run:
        write_planned(plan)
    return plan, kept


def plan_out(
    session: Session,
    folder: Path,
    findings: Findings,
    *,
    seal: bool,
    public: Path | None = None,
    force: bool = False,
) -> tuple[FolderPlan, tuple[str, ...]]:
    """As `folder_plan`. Raises SecretError where there is no key to seal to."""
    key = public_key_for(session, public) if seal else None
    return folder_plan(folder, findings, key, _cipher(session) if seal else None, force=force)


def write_planned(plan: FolderPlan) -> None:
    plan.folder.mkdir(parents=True, exist_ok=True)
    write_folder(plan)


def _cipher(session: Session) -> Cipher | None:
    """None where the key is not here: then a value that an earlier import sealed is sealed again."""
    if session.is_remote:
        return None
    with open_reader_if_any(session.location) or nullcontext() as reader:
        return load_cipher(session.location, session.environ, reader)
