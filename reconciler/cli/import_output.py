"""What import tells: what was found, what becomes of it, what does not, and which values to exchange. No value itself."""

import shlex
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from reconciler.cli.output import counted
from reconciler.control.importing.comparing import Compared, Verdict
from reconciler.control.importing.findings import Findings
from reconciler.control.manifest.printable import printable
from reconciler.control.manifest.round_trip.folder import FolderPlan
from reconciler.control.working_tree import answer
from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.resources.resource import Resource
from reconciler.settings import Reach

Exposed = Mapping[str, bool]
"""By origin whether git tracks the file: then the value is in its history, too."""


def exposure(findings: Findings) -> dict[str, bool]:
    return {origin: _is_tracked(Path(origin)) for origin in {each.origin for each in findings.secrets}}


def _is_tracked(path: Path) -> bool:
    return answer(path.parent, "ls-files", "--error-unmatch", "--", path.name) is not None


def found_lines(findings: Findings) -> list[str]:
    lines = ["Read:", *(f"  {form}" for form in findings.forms), "", "Found:"]
    lines += [f"  {_told(resource)}" for resource in findings.resources]
    return [
        printable(line) for line in (lines if findings.resources else [*lines, "  nothing to carry over"])
    ]


def _told(resource: Resource) -> str:
    spec = resource.spec
    url = value_at(spec, ("config", "baseURL"))
    words = [
        str(spec[name]) for name in ("type", "activeProvider", "defaultModel", "strategy") if name in spec
    ]
    words += [url] if isinstance(url, str) else []
    if spec.get("default") is True:
        words.append("its provider's default")
    if spec.get("enabled") is False:
        words.append("disabled")
    return f"{resource.key}  {', '.join(words)}".rstrip()


def report_lines(findings: Findings, exposed: Exposed, *, variables: bool) -> list[str]:
    """variables: whether manifests name variables for the secrets."""
    lines: list[str] = []
    if findings.secrets:
        lines += ["", "Secrets in plain text, which somebody may have read; exchange (rotate) each of them:"]
        for secret in findings.secrets:
            place = "is in git history" if exposed.get(secret.origin) else "is in a file"
            goes = (
                f"{secret.key} {'.'.join(('spec', *secret.path))}"
                if secret.key is not None
                else "not carried over"
            )
            lines.append(f"  {secret.origin}: {secret.field}  {place}  -> {goes}")
    if findings.losses:
        lines += ["", f"Not carried over ({counted(len(findings.losses), 'field')}):"]
        lines += [f"  {loss.origin}: {loss.field}: {loss.why}" for loss in findings.losses]
    if findings.warnings:
        lines += ["", "Mind:", *(f"  {warning}" for warning in findings.warnings)]
    names = needed(findings) if variables else referred(findings)
    if names:
        lines += ["", "Set these variables where routerctl serves:", f"  {', '.join(names)}"]
        odd = [name for name in names if not any(fnmatchcase(name, glob) for glob in Reach().env_globs)]
        if odd:
            allowed = " ".join(f"--allow-env {name}" for name in odd)
            lines.append(f"  it reads some of them where it is told to: {allowed}")
    return [printable(line) for line in lines]


def needed(findings: Findings) -> list[str]:
    """Every variable that the manifests name."""
    moved = {
        secret.variable
        for secret in findings.secrets
        if secret.key is not None and secret.variable is not None
    }
    return sorted({*moved, *referred(findings)})


def referred(findings: Findings) -> list[str]:
    """Those that the source itself named."""
    moved = {(secret.key, secret.path) for secret in findings.secrets if secret.key is not None}
    names = set()
    for resource in findings.resources:
        config = resource.spec.get("config")
        for field, value in config.items() if isinstance(config, dict) else ():
            variable = value_at(value, ("valueFrom", "env"))
            if isinstance(variable, str) and (resource.key, ("config", field)) not in moved:
                names.add(variable)
    return sorted(names)


def written_lines(plan: FolderPlan, kept: Sequence[str], given: str, *, dry_run: bool) -> list[str]:
    verb = "Would write" if dry_run else "Wrote"
    shown = [change for change in plan.changes if not change.name.startswith(".")]
    lines = [f"  {change.done:<9} {change.name}" for change in shown]
    total = counted(len(shown), "file") if shown else "nothing"
    lines = ["", f"{verb} {total} to {given}" + (":" if lines else ": all is as it was."), *lines]
    lines += [
        f"  kept      {name}: it was changed since, and nothing stands for it any more" for name in kept
    ]
    return [printable(line) for line in lines]


def next_lines(
    program: str, findings: Findings, folder: Path | None, *, dry_run: bool, remote: bool = False
) -> list[str]:
    """Folder None: it is in the store. remote: a server serves that already."""
    if dry_run:
        return ["Dry run: nothing was changed."]
    asking = sync_command(program, findings, folder)
    place = shlex.quote(str(folder))
    if folder is not None:
        begin = f"apply -f {place}" if remote else f"up -f {place}"
        steps = [f"{program} lint -f {place}", f"{program} {begin}"]
    else:
        steps = [f"{program} get providers,models,bindings" if remote else f"{program} serve"]
    return ["Next:", *(f"  {step}" for step in (*steps, *asking))]


def sync_command(program: str, findings: Findings, folder: Path | None) -> list[str]:
    """What makes models of Providers that the source named none of; nothing where there are none."""
    bound = {each.spec.get("provider") for each in findings.resources if each.key.kind == "Binding"}
    names = [
        shlex.quote(each.key.name)
        for each in findings.resources
        if each.key.kind == "Provider"
        and each.key.name not in bound
        and each.spec.get("enabled") is not False
    ]
    where = "--apply" if folder is None else f"--save {shlex.quote(str(folder))}"
    return [f"{program} model sync {' '.join(names)} {where}"] if names else []


def compared_lines(compared: Sequence[Compared]) -> list[str]:
    counts = {verdict: sum(each.verdict is verdict for each in compared) for verdict in Verdict}
    lines = [
        f"  {each.verdict.value:<9} {each.origin}: {each.field} -> {each.key} {each.path}"
        for each in compared
        if each.verdict is not Verdict.SAME
    ]
    told = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count)
    return [
        printable(line)
        for line in [*lines, f"{counted(len(compared), 'point')} compared: {told or 'nothing'}."]
    ]


def findings_json(findings: Findings, exposed: Exposed) -> JsonObject:
    """The documented form of `import -o json`, but for what became of it."""
    secrets: list[JsonValue] = [
        {
            "origin": secret.origin,
            "field": secret.field,
            "inGitHistory": exposed.get(secret.origin, False),
            "key": str(secret.key) if secret.key is not None else None,
            "path": ".".join(("spec", *secret.path)) if secret.key is not None else None,
            "variable": secret.variable,
        }
        for secret in findings.secrets
    ]
    return {
        "sources": [*findings.forms],
        "resources": [str(resource.key) for resource in findings.resources],
        "secrets": secrets,
        "losses": [{"origin": loss.origin, "field": loss.field, "why": loss.why} for loss in findings.losses],
        "warnings": [*findings.warnings],
    }


def differs(compared: Sequence[Compared]) -> bool:
    return any(each.verdict in (Verdict.MISSING, Verdict.DIFFERENT) for each in compared)


def compared_json(compared: Sequence[Compared]) -> JsonValue:
    return [
        {
            "origin": each.origin,
            "field": each.field,
            "key": str(each.key),
            "path": each.path,
            "verdict": each.verdict.value,
        }
        for each in compared
    ]
