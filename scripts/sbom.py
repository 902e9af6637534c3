"""Writes the bill of materials of an install: CycloneDX 1.6, JSON, made of the lock file; the same text each time.

    python -m scripts.sbom [FILE]

Each component has the hashes of all files that the lock accepts of it, and, where it is installed, its licence and what
it needs.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from reconciler import __version__

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "runtime.lock"
_LINE = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?: ; (?P<marker>[^\\]+))?")
_HASH = re.compile(r"--hash=sha256:(?P<digest>[0-9a-f]{64})")
_NEEDED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?P<rest>.*)")


@dataclass(frozen=True, slots=True)
class Locked:
    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @property
    def reference(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


def locked(text: str) -> Iterator[Locked]:
    """The packages of a lock file. Raises ValueError for a line that pins none, or has no hash."""
    for entry in text.replace("\\\n", "").splitlines():
        if not entry.strip():
            continue
        found = _LINE.match(entry)
        hashes = tuple(sorted(_HASH.findall(entry)))
        if found is None or not hashes:
            raise ValueError(f"not pinned by hash: {entry.split(' --hash')[0]}")
        yield Locked(
            re.sub(r"[-_.]+", "-", found["name"]).lower(),
            found["version"],
            (found["marker"] or "").strip(),
            hashes,
        )


def document(packages: list[Locked]) -> dict[str, object]:
    ours = f"pkg:pypi/routerctl@{__version__}"
    by_name = {package.name: package for package in packages}
    needs = {package.reference: _needs(package.name, by_name) for package in packages}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": ours,
                "name": "routerctl",
                "version": __version__,
                "purl": ours,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": [_component(package) for package in packages],
        "dependencies": [
            {"ref": ours, "dependsOn": _ours(by_name)},
            *({"ref": reference, "dependsOn": needed} for reference, needed in needs.items()),
        ],
    }


def _component(package: Locked) -> dict[str, object]:
    licences = _licence(package.name)
    return {
        "type": "library",
        "bom-ref": package.reference,
        "name": package.name,
        "version": package.version,
        "purl": package.reference,
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in package.hashes],
        **({"licenses": licences} if licences else {}),
        **({"properties": [{"name": "python:marker", "value": package.marker}]} if package.marker else {}),
    }


def _licence(name: str) -> list[dict[str, object]]:
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return []
    for expression in told.get_all("License-Expression") or []:
        return [{"expression": expression}]
    text = "".join(told.get_all("License") or [])
    classified = [
        line.split(" :: ")[-1] for line in told.get_all("Classifier") or [] if line.startswith("License ::")
    ]
    names = classified or ([text] if text and "\n" not in text else [])
    return [{"license": {"name": each}} for each in names]


def _needs(name: str, by_name: dict[str, Locked]) -> list[str]:
    try:
        return _known(metadata.requires(name) or [], by_name)
    except metadata.PackageNotFoundError:
        return []


def _ours(by_name: dict[str, Locked]) -> list[str]:
    """As the project says, and not as it was installed at some time."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return _known(project["dependencies"], by_name)


def _known(required: list[str], by_name: dict[str, Locked]) -> list[str]:
    plain = [
        re.sub(r"[-_.]+", "-", match["name"]).lower()
        for each in required
        if "extra ==" not in each and (match := _NEEDED.match(each))
    ]
    found = (by_name.get(each) for each in plain)
    return sorted({package.reference for package in found if package is not None})


def main(arguments: list[str]) -> None:
    file = Path(arguments[0]) if arguments else ROOT / "build" / "sbom.cdx.json"
    packages = list(locked(LOCK.read_text(encoding="utf-8")))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document(packages), indent=2) + "\n", encoding="utf-8")
    print(f"{file}: routerctl {__version__} and {len(packages)} packages")


if __name__ == "__main__":
    main(sys.argv[1:])
