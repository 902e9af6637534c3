"""What a command changes, as it is now: in the store, and in manifests where --save names some."""

from typing import TYPE_CHECKING

from reconciler.cli.proposing import records_if_any
from reconciler.cli.save_options import Saving
from reconciler.cli.session import Session
from reconciler.control.imperative.providing import Around, around
from reconciler.late import late
from reconciler.resources.resource import DEFAULT_NAMESPACE, Resource, ResourceKey

if TYPE_CHECKING:
    from reconciler.cli import exporting
else:
    exporting = late("reconciler.cli.exporting")


def there(session: Session, saving: Saving, *kinds: str) -> dict[ResourceKey, Resource]:
    """The resources of these kinds in the namespace that is meant, as the store has them and, with --save, as the
    manifests declare them.
    """
    return {resource.key: resource for resource in versions_there(session, saving, *kinds)}


def versions_there(session: Session, saving: Saving, *kinds: str) -> list[Resource]:
    """The same, each as it stands in the store, then each as it stands in the manifests."""
    namespace = session.namespace or DEFAULT_NAMESPACE
    found: list[Resource] = []
    with records_if_any(session) as reader:
        if reader is not None:
            listed = [item.resource for kind in kinds for item in reader.list(kind, namespace)]
            found += [resource for resource in listed if not resource.terminating]
        if saving.folder is not None:
            state = reader.state() if reader is not None else {}
            declared = exporting.manifests_in(session, saving.folder, reader, state, None).declared
            found += [item.resource for item in declared if item.key.namespace == namespace]
    return [resource for resource in found if resource.key.kind in kinds]


def pairs_there(session: Session, saving: Saving) -> tuple[dict[ResourceKey, Resource], Around]:
    """The Providers, Models and Bindings that are there: as `there`, and for who binds one to the other."""
    known = there(session, saving, "Provider", "Model", "Binding")
    return known, around(session.namespace or DEFAULT_NAMESPACE, known.values())
