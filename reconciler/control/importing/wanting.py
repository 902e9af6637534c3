"""Findings → what apply takes. Secrets stand in it as they are, so it is written nowhere but into the vault."""

from reconciler.control.importing.findings import Findings
from reconciler.control.importing.manifests import literal, text, with_secrets
from reconciler.control.intake import user
from reconciler.control.manifest.decode import Declared, decode
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.manifest.reader import read_text
from reconciler.control.proposal import Wanted
from reconciler.resources.resource import local_manager

_NAME = "import"


def wanted_of_findings(findings: Findings) -> Wanted:
    """Raises InvalidManifests, which is a fault of the importer."""
    declared = declared_of_findings(findings, _NAME)
    return Wanted({each.key: each for each in declared}, local_manager(user()))


def declared_of_findings(findings: Findings, name: str) -> tuple[Declared, ...]:
    """As if a file called `name` declared them. Raises as above."""
    reading = read_text(text(with_secrets(findings, literal)), name)
    decoding = decode(reading.documents)
    problems = [*reading.problems, *decoding.problems]
    if problems:
        raise InvalidManifests(problems)
    return decoding.declared
