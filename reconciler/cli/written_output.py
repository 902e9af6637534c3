"""What the commands that change single resources say, in kubectl's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import click

from reconciler.cli.output import Palette, listing, print_data
from reconciler.cli.plan_output import plan_lines
from reconciler.cli.resource_output import as_object
from reconciler.cli.write_options import NAME, TEXT
from reconciler.control.deletion_text import deletion_text, waits_text
from reconciler.control.plan.model import Action, Change
from reconciler.control.proposal import Proposal
from reconciler.control.review import Review
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.store.records import Revision


@dataclass(frozen=True, slots=True)
class Words:
    """What was done to a resource: where it changed, and where it is the same as before. fields: those that changed
    are shown as well, as they are in a dry run.
    """

    done: str
    same: str
    fields: bool = False
    changed: str | None = None


def name_of(key: ResourceKey) -> str:
    return f"{key.kind.lower()}/{key.name}"


class Present(Protocol):
    """What is read of the store."""

    def get(self, key: ResourceKey, *, at: int | None = None) -> StoredResource | None: ...


@dataclass(frozen=True, slots=True)
class Written:
    """What was asked for by `keys`, what came of it, and the head afterwards; None: a dry run."""

    keys: Sequence[ResourceKey]
    proposal: Proposal
    revision: Revision | None

    @property
    def there(self) -> tuple[ResourceKey, ...]:
        """Those that were there before or are made, in the order in which they were asked for."""
        made = {change.key for change in self.proposal.plan.changes if change.action is Action.CREATE}
        return tuple(key for key in self.keys if key in made or key in self.proposal.state)

    def objects(self, present: Present) -> Sequence[StoredResource]:
        """As they are afterwards; in a dry run, as they would be but for the system's numbers."""
        if self.revision is not None:
            number = self.revision.number
            found = (present.get(key, at=number) for key in self.there)
            return [stored for stored in found if stored is not None]
        changes = {change.key: change for change in self.proposal.plan.changes}
        return [_after(self.proposal.state.get(key), key, changes.get(key)) for key in self.there]


def print_written(
    written: Written, words: Words, output: str, environ: Mapping[str, str], present: Present
) -> None:
    if output == NAME:
        click.echo("".join(f"{name_of(key)}\n" for key in written.there), nl=False)
    elif output == TEXT:
        _print_text(written, words, environ)
    else:
        objects = [as_object(stored) for stored in written.objects(present)]
        print_data(objects[0] if len(objects) == len(written.keys) == 1 else listing(objects), output)


def _print_text(written: Written, words: Words, environ: Mapping[str, str]) -> None:
    proposal, revision = written.proposal, written.revision
    changed = {change.key: change for change in proposal.plan.changes}
    if revision is None or words.fields:
        for line in plan_lines(Review(proposal.plan, proposal.unknown), Palette(environ)):
            click.echo(line)
    dry_run = " (dry run)" if revision is None else ""
    for key in written.there:
        before = proposal.state.get(key)
        done = _done(words, before.resource, changed.get(key)) if before is not None else "created"
        click.echo(f"{name_of(key)} {done}{dry_run}")
    if revision is not None and changed:
        click.echo(f"Revision {revision.number}  digest {revision.digest}")


def _done(words: Words, before: Resource, change: Change | None) -> str:
    if change is not None and change.marks:
        return f"marked for deletion; {waits_text(change.marks)}"
    if change is not None and change.ends:
        return f"{words.done} and deleted: no finalizer is left"
    stays = change is not None and change.after is not None
    done = words.same if change is None else words.changed if stays and words.changed else words.done
    after = before if change is None else change.after
    return f"{done}; {deletion_text(after)}" if after is not None and after.terminating else done


def _after(stored: StoredResource | None, key: ResourceKey, change: Change | None) -> StoredResource:
    after = change.after if change is not None else None
    if stored is None:
        resource = after if after is not None else Resource(key, {})
        managers = change.managed_fields if change is not None else ()
        return StoredResource(resource, "", 1, 0, "", 0, managers)
    if change is None or after is None:
        return stored
    return replace(stored, resource=after, managed_fields=change.managed_fields)
