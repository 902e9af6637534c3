"""A store, its key and a folder of manifests, and what people do with them. Everything is real and in one folder."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from fakes.store import SteppingClock

from reconciler.clock import timestamp
from reconciler.control.apply import Applied, apply, check
from reconciler.control.intake import source_of, take_in, wanted
from reconciler.control.manifest.writer import export
from reconciler.control.plan.model import Resync
from reconciler.control.proposal import DEFAULT, DeleteLimit, Guards, Proposal, Wanted, propose
from reconciler.control.reconcile import Folders, Reconciler, Result
from reconciler.control.rollback import RolledBack, rollback
from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.keys import Keyring, MasterKey
from reconciler.store.engine import open_engine
from reconciler.store.reader import Reader
from reconciler.store.records import RevisionMeta
from reconciler.store.writer import Writer

CIPHER = Cipher(Keyring([MasterKey(bytes(range(32)))]))
PROVIDER = ResourceKey("Provider", "default", "sim")
UNGUARDED = Guards(DeleteLimit(percent=100), allow_empty=True)


def manifest(resource: Resource) -> JsonObject:
    metadata: JsonObject = {"name": resource.key.name, "namespace": resource.key.namespace}
    if resource.labels:
        metadata["labels"] = dict(resource.labels)
    if resource.annotations:
        metadata["annotations"] = dict(resource.annotations)
    if resource.finalizers:
        metadata["finalizers"] = [*resource.finalizers]
    return {
        "apiVersion": "routerctl.dev/v1",
        "kind": resource.key.kind,
        "metadata": metadata,
        "spec": resource.spec,
    }


def text_of(resources: Iterable[Resource]) -> str:
    """One YAML text: JSON is YAML."""
    return "\n---\n".join(json.dumps(manifest(resource)) for resource in resources)


def simulator(name: str = "sim", *, labels: Mapping[str, str] | None = None, **config: object) -> Resource:
    spec: JsonObject = {"type": "simulator", "config": json.loads(json.dumps(config))}
    return Resource(ResourceKey("Provider", "default", name), spec, labels or {})


def remote(name: str = "far", *, host: str = "a.example", **config: object) -> Resource:
    written: JsonObject = {"baseURL": f"https://{host}/v1", **json.loads(json.dumps(config))}
    return Resource(
        ResourceKey("Provider", "default", name), {"type": "openai-compatible", "config": written}
    )


def model(name: str = "m", **spec: object) -> Resource:
    return Resource(ResourceKey("Model", "default", name), json.loads(json.dumps(spec)))


def binding(name: str, of: str, to: str, **spec: object) -> Resource:
    written: JsonObject = {"model": of, "provider": to, **json.loads(json.dumps(spec))}
    return Resource(ResourceKey("Binding", "default", name), written)


def secret(name: str = "keys", *, hosts: Sequence[str] = (), **values: str) -> Resource:
    spec: JsonObject = {"data": {key: {"value": value} for key, value in values.items()}}
    if hosts:
        spec["hosts"] = list(hosts)
    return Resource(ResourceKey("Secret", "default", name), spec)


class Workshop:
    """`folder` holds the manifests; its real path is their source's name, unless another is given."""

    def __init__(self, root: Path, cipher: Cipher | None = CIPHER, store: Path | None = None) -> None:
        self.root = root.resolve()
        self.folder = self.root / "manifests"
        self.folder.mkdir(exist_ok=True)
        self.store = store or self.root / "store.db"
        self.cipher = cipher
        self.clock = SteppingClock()
        self.writer = Writer(open_engine(self.store), self.clock)
        self.reader = Reader(self.store)

    def close(self) -> None:
        self.reader.close()
        self.writer.close()

    def write(self, name: str, *resources: Resource) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text_of(resources))
        return file

    def wanted(
        self,
        *paths: Path,
        source: str | None = None,
        manager: str | None = None,
        prune: bool = False,
        force: bool = False,
        resync: Resync | None = None,
    ) -> Wanted:
        given = [str(path) for path in paths or (self.folder,)]
        identified = source_of(given, explicit=source, known=sorted(self.reader.sources()))
        found = wanted(take_in(given), given, identified, manager=manager, prune=prune, force=force)
        return replace(found, resync=resync)

    def propose(self, *paths: Path, source: str | None = None, prune: bool = False) -> Proposal:
        """What `diff` shows."""
        want = self.wanted(*paths, source=source, prune=prune)
        return propose(want, self.reader, self.cipher, now=timestamp(self.clock.now()))

    def dry_run(self, *paths: Path) -> None:
        want = self.wanted(*paths)
        check(want, propose(want, self.reader, self.cipher, now=timestamp(self.clock.now())))

    def apply(
        self,
        *paths: Path,
        source: str | None = None,
        prune: bool = False,
        force: bool = False,
        guards: Guards = DEFAULT,
    ) -> Applied:
        want = self.wanted(*paths, source=source, prune=prune, force=force)
        return self.apply_wanted(replace(want, guards=guards))

    def apply_wanted(self, want: Wanted) -> Applied:
        name = want.source.name if want.source is not None else None
        meta = RevisionMeta(actor="ada", operation="apply", source=name)
        return apply(want, self.reader, self.writer, self.cipher, self.clock, meta)

    def reconcile(self, *paths: Path, prune: bool = False) -> Result:
        """One resync of `up`."""
        given = tuple(str(path) for path in paths or (self.folder,))
        return self.reconciler(prune=prune).reconcile(Folders(given))

    def reconciler(self, *, prune: bool = False) -> Reconciler:
        return Reconciler(
            self.reader,
            lambda: sorted(self.reader.sources()),
            self.writer,
            lambda: self.cipher,
            self.clock,
            prune=prune,
        )

    def rollback(self, revision: int) -> RolledBack:
        return rollback(self.reader, self.writer, revision, RevisionMeta("ada", "rollback"))

    def stored(self, key: ResourceKey = PROVIDER) -> StoredResource:
        found = self.reader.get(key)
        assert found is not None, f"{key} is not stored"
        return found

    def text(self, name: str = "sim") -> object:
        """What a simulator was told to say."""
        config = self.stored(ResourceKey("Provider", "default", name)).resource.spec["config"]
        assert isinstance(config, dict)
        return config.get("text")

    def export(self) -> str:
        return export(self.reader.state().lasting().values())


@contextmanager
def workshop(cipher: Cipher | None = CIPHER) -> Iterator[Workshop]:
    """In a folder of its own, for tests that run many times."""
    with TemporaryDirectory() as folder:
        made = Workshop(Path(folder), cipher)
        try:
            yield made
        finally:
            made.close()
