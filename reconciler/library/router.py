"""A store, on this machine or behind a server, and what a program can do with it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from reconciler.api.records import Records
from reconciler.api.writes import Change as Asked
from reconciler.api.writes import Writes
from reconciler.control.imperative.creation import Creation
from reconciler.control.importing.merging import merged
from reconciler.control.importing.reading import AUTO, Reading
from reconciler.control.importing.wanting import wanted_of_findings
from reconciler.control.manifest.writer import document, export
from reconciler.json_types import JsonObject, JsonValue
from reconciler.library.manifests import Manifests
from reconciler.library.values import Migrated, Object, Plan, Written, object_of, plan_of
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey
from reconciler.store.records import Revision, Sought


class Router:
    """Made by `stores.open_store` or `stores.connect`; to be closed. For one thread at a time.

    Every method raises RouterctlError. One that writes makes one revision, or none where nothing changes.
    """

    def __init__(
        self,
        reading: Callable[[], AbstractContextManager[Records]],
        writes: Writes,
        environ: Mapping[str, str],
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._reading = reading
        self._writes = writes
        self._environ = environ
        self._close = close

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._close()

    # --- what is stored ------------------------------------------------------------------------------------

    def state(self, revision: int | None = None) -> Mapping[ResourceKey, Object]:
        """All of it, now or as a revision left it; what is being deleted is left out."""
        with self._reading() as records:
            state = records.state() if revision is None else records.state_at(revision)
            return {key: object_of(stored) for key, stored in state.lasting().items()}

    def get(self, kind: str, name: str, namespace: str = DEFAULT_NAMESPACE) -> Object | None:
        with self._reading() as records:
            stored = records.get(ResourceKey(kind, namespace, name))
        return None if stored is None else object_of(stored)

    def list(self, kind: str, namespace: str | None = None) -> Sequence[Object]:
        """By namespace and name; of all namespaces where none is given."""
        with self._reading() as records:
            return [object_of(stored) for stored in records.list(kind, namespace)]

    def export(self) -> str:
        """YAML that applies to no change."""
        with self._reading() as records:
            return export(records.state().lasting().values())

    def history(self, limit: int | None = None) -> Sequence[Revision]:
        """The newest first."""
        with self._reading() as records:
            return records.find_revisions(Sought(), limit)

    # --- manifests -----------------------------------------------------------------------------------------

    def plan(self, manifests: Manifests, *, prune: bool = False, force: bool = False) -> Plan:
        """What `apply` would do now; nothing is written. `prune`: delete what the source does not declare any more."""
        wanted = manifests.wanted(self._sources(), prune=prune, force=force)
        found = self._writes.consider(wanted, None)
        objections = [each.message for each in found.objections]
        if found.proposal.stranded is not None:
            objections.append(found.proposal.stranded.message)
        return plan_of(found.proposal.plan, tuple(objections))

    def apply(
        self, manifests: Manifests, *, message: str = "", prune: bool = False, force: bool = False
    ) -> Written:
        """In one transaction. `force`: take over fields that others own."""
        wanted = manifests.wanted(self._sources(), prune=prune, force=force)
        done = self._writes.apply(wanted, None, message)
        return Written(done.revision, plan_of(done.proposal.plan))

    def rollback(self, revision: int, *, message: str = "") -> Written:
        """Makes the state of a revision the current one, as a new revision."""
        done = self._writes.rollback(revision, frozenset(), message)
        return Written(done.revision, plan_of(done.plan))

    # --- single resources ----------------------------------------------------------------------------------

    def put(
        self, kind: str, name: str, spec: JsonObject, namespace: str = DEFAULT_NAMESPACE, *, message: str = ""
    ) -> Written:
        """Makes a resource of this spec, or gives one that is there this spec."""
        key = ResourceKey(kind, namespace, name)

        def changed(whole: JsonObject) -> JsonValue:
            return {**whole, "spec": spec}

        return self._change(key, Creation(key, lambda: document(key, {}, spec), changed), message)

    def delete(
        self, kind: str, name: str, namespace: str = DEFAULT_NAMESPACE, *, message: str = ""
    ) -> Written:
        """Raises NotFound where it is not there."""
        return self._change(ResourceKey(kind, namespace, name), None, message)

    # --- from elsewhere ------------------------------------------------------------------------------------

    def migrate(
        self, *paths: str | Path, form: str = AUTO, namespace: str = DEFAULT_NAMESPACE, message: str = ""
    ) -> Migrated:
        """Takes over what other systems' files say, as `import --apply` does: the same files again are no change.

        `form` is what --from says. The files are only read; the store is backed up before.
        """
        found = merged(Reading(self._environ, namespace, form).findings(tuple(map(Path, paths))), namespace)
        done = self._writes.apply_import(wanted_of_findings(found), message)
        written = Written(done.applied.revision, plan_of(done.applied.proposal.plan))
        losses = tuple(f"{each.origin}: {each.field}: {each.why}" for each in found.losses)
        exchange = tuple(f"{each.origin}: {each.field}" for each in found.secrets)
        return Migrated(written, found.forms, done.backup, losses, found.warnings, exchange)

    def _sources(self) -> Sequence[str]:
        """None where there is no store yet."""
        with self._reading() as records:
            return sorted(records.sources())

    def _change(self, key: ResourceKey, rewrite: Creation | None, message: str) -> Written:
        verb = "write" if rewrite is not None else "delete"
        asked = Asked(verb, {key: rewrite}, message=message, sealing=rewrite is not None)
        done = self._writes.change(asked)
        if done.revision is None:
            raise AssertionError("it was no dry run")
        return Written(done.revision, plan_of(done.proposal.plan))
