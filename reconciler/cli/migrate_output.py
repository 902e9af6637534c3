"""What migrate tells, step by step. No value of a secret."""

import shlex
import sys
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import click

from reconciler.cli.import_output import Exposed, needed, referred, sync_command
from reconciler.cli.output import counted
from reconciler.cli.proposing import records_if_any
from reconciler.cli.session import Session
from reconciler.control.importing.comparing import Compared, Verdict
from reconciler.control.importing.findings import Findings
from reconciler.control.manifest.printable import printable
from reconciler.json_types import JsonValue, value_at
from reconciler.resources.resource import Resource
from reconciler.settings import Reach

DONE, ODD, NOTE = "done", "odd", "note"
_MARKS = {DONE: "✓", ODD: "!", NOTE: "·"}
_PLAIN = {DONE: "+", ODD: "!", NOTE: "-"}
_KINDS = ("Provider", "Model", "Binding", "Route", "Settings", "ClientKey", "Secret")
_MOST = 12
"""Of one kind that are told one by one."""


class Steps:
    """Lines under headings, told as they come (`shown`). Marks are what the terminal's encoding has."""

    def __init__(self, *, shown: bool = True) -> None:
        self._shown = shown
        self._begun = False
        try:
            "✓·".encode(sys.stdout.encoding or "ascii")
        except (UnicodeEncodeError, LookupError):
            self._marks = _PLAIN
        else:
            self._marks = _MARKS

    def step(self, heading: str, items: Iterable[tuple[str, str]]) -> None:
        """A heading and its items, each with its mark; nothing without items."""
        told = [f"  {self._marks[mark]} {text}" for mark, text in items]
        if told:
            self.text(f"{heading}:", *told)

    def text(self, *lines: str) -> None:
        if self._shown:
            click.echo("\n".join([*([""] if self._begun else []), *map(printable, lines)]))
        self._begun = True


def store_item(session: Session) -> tuple[str, str]:
    """What is there of the store."""
    place = session.told.url if session.told is not None else session.location.url
    with records_if_any(session) as records:
        if records is None:
            return NOTE, f"{place}: there is none yet"
        state = records.state()
    return DONE, f"{place}: revision {state.revision}, {counted(len(state), 'resource')}"


def told_of(findings: Findings) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    """By kind, what was found; of many, how many more."""
    for kind in _KINDS:
        found = [each for each in findings.resources if each.key.kind == kind]
        items = [(DONE, _told(each)) for each in found[:_MOST]]
        if len(found) > _MOST:
            items.append((NOTE, f"and {len(found) - _MOST} more"))
        yield (kind if kind == "Settings" else f"{kind}s"), items


def _told(resource: Resource) -> str:
    spec, name = resource.spec, resource.key.name
    if resource.key.kind == "Settings":
        words = {"activeProvider": "active provider", "defaultModel": "default model"}
        return ", ".join(f"{told} {spec[field]}" for field, told in words.items() if field in spec) or name
    if resource.key.kind == "Binding":
        default = " (its default)" if spec.get("default") is True else ""
        return f"{spec.get('model')} at {spec.get('provider')}{default}"
    shown = [spec.get("type"), value_at(spec, ("config", "baseURL"))]
    told = ", ".join(word for word in shown if isinstance(word, str))
    disabled = " (disabled)" if spec.get("enabled") is False else ""
    return f"{name}{': ' if told else ''}{told}{disabled}"


def losses_of(findings: Findings) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    """By the file that they stand in."""
    for origin in dict.fromkeys(each.origin for each in findings.losses):
        losses = [each for each in findings.losses if each.origin == origin]
        yield f"Not carried over of {origin}", [(NOTE, f"{each.field}: {each.why}") for each in losses]


def secret_items(findings: Findings, exposed: Exposed) -> list[tuple[str, str]]:
    """Those that somebody may have read, to be exchanged."""
    return [
        (
            ODD,
            f"{each.field} of {each.origin}"
            + (", which is in git's history" if exposed.get(each.origin) else "")
            + ("" if each.key is not None else " (not carried over)"),
        )
        for each in findings.secrets
    ]


def verified_item(compared: Sequence[Compared]) -> list[tuple[str, str]]:
    counts = {verdict: sum(each.verdict is verdict for each in compared) for verdict in Verdict}
    told = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count)
    bad = [each for each in compared if each.verdict in (Verdict.DIFFERENT, Verdict.MISSING)]
    items = [
        (ODD, f"{each.verdict.value}: {each.origin}: {each.field} -> {each.key} {each.path}") for each in bad
    ]
    return [(ODD if bad else DONE, f"{counted(len(compared), 'point')}: {told or 'nothing'}"), *items]


def next_steps(
    program: str, findings: Findings, folder: Path | None, *, seal: bool, remote: bool = False
) -> list[str]:
    """Folder None: it is in the store. remote: a server serves that already, if it may reach what it needs."""
    provider = next((each.key.name for each in findings.resources if each.key.kind == "Provider"), None)
    steps: list[str] = []
    allowed = "".join(f" {flag}" for flag in _allowances(findings, folder, seal=seal))
    variables = referred(findings) if folder is None or seal else needed(findings)
    if variables:
        steps.append(f"Set these variables where routerctl serves: {', '.join(variables)}")
    place = shlex.quote(str(folder))
    if folder is None:
        steps.append(f"Look at it: {program} get providers,models,bindings")
    else:
        steps.append(f"Read it over, and commit it: {program} lint -f {place}")
    if not remote:
        steps.append(f"Serve it: {program} {'serve' if folder is None else f'up -f {place}'}{allowed}")
    elif folder is not None:
        steps.append(f"Apply it: {program} apply -f {place}")
    if remote and allowed:
        steps.append(f"Where the store is, serve it with{allowed}")
    steps += [f"Make models of what they have: {line}" for line in sync_command(program, findings, folder)]
    if provider is not None:
        model = next((each.key.name for each in findings.resources if each.key.kind == "Model"), None)
        if model is not None:
            steps.append(f"See where a request goes: {program} route explain --model {shlex.quote(model)}")
    if findings.secrets:
        steps.append("Exchange the keys named above at their providers, and remove them from the old files")
    return [f"  {number}. {step}" for number, step in enumerate(steps, 1)]


def _allowances(findings: Findings, folder: Path | None, *, seal: bool) -> list[str]:
    """What manifests reach only where the process allows it: variables of other names, programs."""
    names = referred(findings) if folder is None or seal else needed(findings)
    flags = [
        f"--allow-env {name}"
        for name in names
        if not any(fnmatchcase(name, glob) for glob in Reach().env_globs)
    ]
    for resource in findings.resources:
        program = value_at(resource.spec, ("config", "executable"))
        if isinstance(program, str):
            path = (
                shlex.quote(program) if program.startswith("/") else f'"$(command -v {shlex.quote(program)})"'
            )
            flags.append(f"--allow-exec {path}")
    return list(dict.fromkeys(flags))


def compared_data(compared: Sequence[Compared]) -> JsonValue:
    counts: dict[str, JsonValue] = {
        verdict.value: sum(each.verdict is verdict for each in compared) for verdict in Verdict
    }
    return {"points": len(compared), **counts}
