"""How the changes of a folder of manifests are shown."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import unified_diff

import click

from reconciler.cli.output import counted, print_data
from reconciler.control.deletion_text import deletion_text
from reconciler.control.manifest.document import field_path
from reconciler.control.manifest.printable import printable
from reconciler.control.manifest.round_trip.folder import FileChange, FolderPlan
from reconciler.control.manifest.round_trip.masking import masked
from reconciler.json_types import JsonObject
from reconciler.resources.resource import ResourceKey, StoredResource

TEXT = "text"
Overlaid = Mapping[ResourceKey, str]
_WORDS = ("created", "updated", "removed")


def warn_of_literals(unknown: Collection[tuple[ResourceKey, tuple[str, ...]]]) -> None:
    """On stderr: the plain secrets that could not be compared with what is sealed."""
    for key, path in sorted(unknown):
        told = f"{key}: {field_path(path)}: a plain secret can't be compared without the key; it stays"
        click.echo(f"warning: {told}", err=True)


def note_left_out(named: Iterable[StoredResource]) -> None:
    """On stderr: what is asked for by name, and is in no export because it is being deleted."""
    for stored in named:
        if stored.resource.terminating:
            click.echo(f"{stored.key} is left out: it is {deletion_text(stored.resource)}", err=True)


def print_folder(plan: FolderPlan, overlaid: Overlaid, output: str, *, dry_run: bool, every: bool) -> None:
    """What is done, or with `dry_run` would be. `overlaid`: what is meant, but made by an overlay."""
    if output != TEXT:
        print_data(folder_json(plan, overlaid, dry_run=dry_run), output)
        return
    if dry_run:
        click.echo(folder_diff(plan.changes), nl=False)
    lines = [*folder_lines(plan, every=every)]
    if overlaid:
        listed = ", ".join(f"{key} ({printable(path)})" for key, path in sorted(overlaid.items()))
        lines.append(f"Made by an overlay, so in no file; change it there: {listed}")
    if dry_run:
        lines.append("Dry run: nothing was written.")
    click.echo("\n".join(lines))


def folder_json(plan: FolderPlan, overlaid: Overlaid, *, dry_run: bool) -> JsonObject:
    return {
        "dryRun": dry_run,
        "files": [
            {
                "path": change.name,
                "action": change.done,
                "written": [str(key) for key in change.written],
                "removed": [str(key) for key in change.removed],
            }
            for change in plan.changes
        ],
        "unchanged": [*plan.unchanged],
        "notInStore": [{"key": str(key), "path": name} for key, name in plan.gone],
        "overlaid": [{"key": str(key), "path": path} for key, path in sorted(overlaid.items())],
    }


def folder_lines(plan: FolderPlan, *, every: bool) -> list[str]:
    """A line for each file that changes, or for `every` file, and one that counts."""
    lines = [_line(change) for change in plan.changes]
    if every:
        lines += [f"unchanged {printable(name)}" for name in plan.unchanged]
    counts = {word: sum(change.done == word for change in plan.changes) for word in _WORDS}
    told = [f"{count} {word}" for word, count in counts.items() if count]
    total = f"{counted(len(plan.changes) + len(plan.unchanged), 'file')}: "
    lines.append(total + ", ".join([*told, f"{len(plan.unchanged)} unchanged"]) + ".")
    if plan.gone:
        listed = ", ".join(f"{key} ({printable(name)})" for key, name in plan.gone)
        lines.append(f"Not in the store; --prune removes what is written of it: {listed}")
    return lines


def _line(change: FileChange) -> str:
    keys = [*map(str, change.written), *(f"-{key}" for key in change.removed)]
    return f"{change.done:<9} {printable(change.name)}  ({printable(', '.join(keys))})"


def folder_diff(changes: Sequence[FileChange]) -> str:
    """A unified diff of all changes, as `diff -u` writes it, with plain secrets hidden."""
    return "".join(line for change in changes for line in _diff(change))


def _diff(change: FileChange) -> Iterator[str]:
    old, new = _lines(change.before), _lines(change.after)
    name = printable(change.name)
    before = "/dev/null" if change.before is None else f"a/{name}"
    after = "/dev/null" if change.after is None else f"b/{name}"
    for line in unified_diff(old, new, before, after):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(content: bytes | None) -> list[str]:
    return masked(content.decode()).splitlines(keepends=True) if content is not None else []
