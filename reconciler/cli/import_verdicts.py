"""import --verify --server: sealed values are compared where the key is."""

from reconciler.cli.proposing import considered
from reconciler.cli.session import Session
from reconciler.control.importing.comparing import Compared, compare
from reconciler.control.importing.findings import Findings, FoundSecret
from reconciler.control.importing.wanting import wanted_of_findings
from reconciler.control.plan.fields import field_changes
from reconciler.control.plan.model import Plan
from reconciler.json_types import JsonValue
from reconciler.resources.resource import ResourceKey


def compared_by_server(session: Session, findings: Findings) -> list[Compared]:
    """The server says which fields another import would change: no value of a secret comes back for that."""
    held = {key: stored.resource for key, stored in session.asked.records.state().items()}
    changed = _changed(considered(session, wanted_of_findings(findings), None).proposal.plan)

    def same(secret: FoundSecret, _written: JsonValue) -> bool:
        return (secret.key, ".".join(("spec", *secret.path))) not in changed

    return compare(findings, held, same)


def _changed(plan: Plan) -> set[tuple[ResourceKey | None, str]]:
    changes = {(change.key, field.field) for change in plan.changes for field in field_changes(change)}
    return changes | {(conflict.key, field.field) for conflict in plan.conflicts for field in conflict.fields}
