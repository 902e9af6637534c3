"""What migrate finds: other systems' configuration, where they keep it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli.progress import progress
from reconciler.cli.session import Session
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.merging import merged
from reconciler.control.importing.reading import Reading
from reconciler.control.importing.renaming import renamed
from reconciler.errors import InvalidInput

_OXIDE = ".oxide"


@dataclass(frozen=True, slots=True)
class Looked:
    """What is there; what looks like it and can't be read; where was looked."""

    found: list[Findings]
    unread: list[str]
    places: list[Path]


def look(session: Session, reading: Reading, paths: Sequence[Path]) -> Looked:
    """Without paths in this folder, and in Oxide's own. Raises InvalidInput where nothing is found."""
    home = Path(session.environ.get("HOME", "/nowhere")) / _OXIDE
    places = [*paths] or [Path(), *([home] if home.is_dir() else [])]
    found: list[Findings] = []
    unread: list[str] = []
    with progress("Looking for what there is", pulsing=True):
        for place in places:
            if place.is_dir():
                inside, odd = reading.search(place)
                found, unread = found + inside, unread + odd
            else:
                found += reading.findings((place,))
    if not found:
        told = "".join(f"\n  {each}" for each in unread)
        raise InvalidInput(
            f"nothing was found to migrate in {', '.join(map(str, places))}{told}",
            hint="name a folder, or the files themselves: a .env, a database, a YAML or TOML file",
        )
    return Looked(_as_they_counted(found), unread, places)


def named(reading: Reading, paths: tuple[Path, ...], namespace: str) -> Findings:
    """All of what stands in these files and folders."""
    with progress("Reading the sources", pulsing=True):
        found = reading.findings(paths)
    return merged(found, namespace)


def _as_they_counted(found: list[Findings]) -> list[Findings]:
    """Databases first, wherever they lie: where there is one, its program goes by that.

    But the provider-router's file before its database where USE_LEGACY_CONFIG said that the file counts.
    """
    return sorted(
        found,
        key=lambda each: (
            not any("USE_LEGACY_CONFIG is on" in word for word in each.warnings),
            not any(": database of" in form or form.endswith("'s database") for form in each.forms),
        ),
    )


def findings_of(found: Sequence[Findings], namespace: str, names: Mapping[str, str]) -> Findings:
    """All of it, under the names that were asked for. Raises InvalidInput for names that can't be."""
    return renamed(merged(found, namespace), names)
