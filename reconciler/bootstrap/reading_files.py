"""How `up` reads what it was given: folders of manifests, or another system's file."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain

from reconciler.bootstrap.following import Target
from reconciler.bootstrap.legacy import LegacyStep
from reconciler.control.kustomize.build import Overlay, folders
from reconciler.control.proposal import Guards
from reconciler.control.reconcile import Folders, Result


def step_of(
    target: Target, paths: tuple[str, ...], source: str | None, *, prune: bool, guards: Guards, legacy: bool
) -> Callable[[], Result]:
    """One reconcile of the store with the files below `paths`."""
    if legacy:
        return LegacyStep(target, paths)
    return partial(target.reconciler(prune=prune, guards=guards).reconcile, Folders(paths, source))


def watched(paths: Sequence[str]) -> tuple[str, ...]:
    """An overlay's bases lie elsewhere. One that it gains later is looked at when everything is compared."""
    found = (folders(path) if isinstance(path, Overlay) else (path,) for path in paths)
    return tuple(chain.from_iterable(found))
