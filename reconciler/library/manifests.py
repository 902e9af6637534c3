"""Manifests, read and checked; whose they are is found out where they are planned."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from reconciler.control import intake
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.proposal import Wanted
from reconciler.errors import InvalidInput
from reconciler.resources.resource import Resource, ResourceKey


@dataclass(frozen=True, slots=True)
class Manifests:
    """What files want. `warnings` are in words, with their places. `source`: the name that they go by; None: as a command finds it."""

    paths: tuple[str, ...]
    source: str | None
    read: intake.Intake

    @property
    def resources(self) -> Mapping[ResourceKey, Resource]:
        return {each.key: each.resource for each in self.read.declared}

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(str(each) for each in self.read.warnings)

    def wanted(self, known: Collection[str], *, prune: bool, force: bool) -> Wanted:
        """`known` are the sources of the store."""
        source = intake.source_of(self.paths, explicit=self.source, known=sorted(known))
        return intake.wanted(self.read, self.paths, source, prune=prune, force=force)


def load(
    *paths: "str | os.PathLike[str]", source: str | None = None, namespace: str | None = None
) -> Manifests:
    """Files, and folders with all that is in them. `namespace`: of documents that name none.

    Raises InvalidManifests with every error at once, each with its place.
    """
    named = tuple(os.fspath(path) for path in paths)
    if not named or "-" in named:
        raise InvalidInput("give the paths of files or folders to load")
    read = intake.take_in(named, namespace=namespace)
    errors = [*read.errors, *read.empty]
    if errors:
        raise InvalidManifests(errors)
    return Manifests(named, source, read)
