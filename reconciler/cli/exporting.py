"""What export --dir works on: the resources that are meant, and the folder with the source that it belongs to."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from reconciler.api.records import Records
from reconciler.cli.selecting import Selected, keys_of, kinds_of
from reconciler.cli.session import Session
from reconciler.control.manifest.decode import decode
from reconciler.control.manifest.document import Document, InvalidManifests, Reading
from reconciler.control.manifest.reader import read_paths
from reconciler.control.manifest.round_trip.folder import Manifests
from reconciler.control.manifest.round_trip.text import key_of
from reconciler.control.source import Source, identify
from reconciler.errors import InvalidInput
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey, StoredResource

Resources = Mapping[ResourceKey, StoredResource]
Selects = Callable[[ResourceKey], bool]


def selection(
    words: Sequence[str], state: Resources, *, namespace: str | None, source: str | None
) -> Selects:
    """Whether a resource is meant, stored or not. One that the store does not have may be any source's."""
    named = bool(words) and (len(words) > 1 or "/" in words[0])
    keys = frozenset(keys_of(words, namespace)) if named else None
    kinds = frozenset(kind.name for kind in kinds_of(words[0])) if words and not named else None

    def selects(key: ResourceKey) -> bool:
        if keys is not None and key not in keys:
            return False
        if (kinds is not None and key.kind not in kinds) or namespace not in (None, key.namespace):
            return False
        return source is None or key not in state or _declares(source, state[key])

    return selects


def made_by_overlays(state: Resources, selects: Selects, source: str | None) -> dict[ResourceKey, str]:
    """What is meant and was made of the source's files by an overlay (a path with a slash at its end): by its key, the
    overlay. No file says what it says, so none can be updated.
    """
    return {
        key: stored.path
        for key, stored in state.items()
        if stored.path is not None and stored.path.endswith("/") and stored.source == source and selects(key)
    }


def require_named(
    words: Sequence[str], namespace: str | None, known: Sequence[Resources | frozenset[ResourceKey]]
) -> None:
    """Raises NotFound for a resource that is named and in none of `known`."""
    missing = [key for key in keys_named(words, namespace) if not any(key in each for each in known)]
    Selected((), tuple(missing), named=True).require_all()


def keys_named(words: Sequence[str], namespace: str | None) -> Sequence[ResourceKey]:
    """Those that are named one by one, not by their kind."""
    named = len(words) > 1 or any("/" in word for word in words)
    return keys_of(words, namespace) if named else ()


def _declares(source: str, stored: StoredResource) -> bool:
    return stored.source == source or any(entry.source == source for entry in stored.managed_fields)


def manifests_in(
    session: Session, given: str, reader: Records | None, state: Resources, source_name: str | None
) -> Manifests:
    """The documents below the folder, with -n those of that namespace; none where it does not exist yet. Raises
    InvalidManifests.
    """
    folder = Path(os.path.realpath(given))
    if folder.exists() and not folder.is_dir():
        raise InvalidInput(f"{given} is not a folder", hint="--dir takes a folder of manifests")
    namespace = session.namespace
    reading = Reading((), (), ())
    if folder.exists():
        reading = read_paths([given], None, namespace=namespace or DEFAULT_NAMESPACE)
    nearest = next(each for each in (folder, *folder.parents) if each.exists())
    known = sorted(reader.sources()) if reader is not None else []
    source = identify([str(nearest)], explicit=source_name, known=known)
    owner = source.name if source is not None else None
    documents = [item for item in reading.documents if _is_in(item, namespace, state, owner)]
    decoding = decode(documents, namespace=namespace)
    problems = [*reading.problems, *decoding.problems]
    if problems:
        raise InvalidManifests(problems)
    return Manifests(
        folder,
        decoding.declared,
        reading.files,
        namespace,
        owner,
        lambda stored: recorded(stored, source, folder),
    )


def _is_in(document: Document, namespace: str | None, state: Resources, source: str | None) -> bool:
    """Whether a document is in the namespace of -n. One that names none is in the default one, unless the store has it
    in that of -n and the other not, or not from this source: `apply -n` put it there.
    """
    metadata = document.data.get("metadata")
    own = metadata.get("namespace") if isinstance(metadata, dict) else None
    if namespace is None or own is not None:
        return namespace is None or own == namespace
    there, plain = key_of(document.data, namespace), key_of(document.data)
    if namespace == DEFAULT_NAMESPACE or there is None or plain is None:
        return True
    return there in state and (plain not in state or state[plain].source != source)


def recorded(stored: StoredResource, source: Source | None, folder: Path) -> PurePosixPath | None:
    """Where the store says that a resource stood, below `folder`; None where that is not known, or is elsewhere."""
    if stored.path is None or stored.source is None:
        return None
    if source is not None and stored.source == source.name:
        root, path = source.root, stored.path.removeprefix(source.prefix)
    elif stored.source.startswith("/"):
        root, path = Path(stored.source), stored.path
    else:
        return None
    place = Path(os.path.normpath(root / path))
    if path.startswith("/") or not place.is_relative_to(folder) or place == folder:
        return None
    return PurePosixPath(place.relative_to(folder).as_posix())
