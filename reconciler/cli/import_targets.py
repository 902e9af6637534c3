"""The folder that imported manifests go into: what is there, and what is to be."""

from collections.abc import Mapping
from pathlib import Path

from reconciler.control.importing.findings import Findings
from reconciler.control.importing.folder import INDEX, plan_files, recorded
from reconciler.control.importing.manifests import files, with_secrets
from reconciler.control.importing.secret_values import Sealing
from reconciler.control.manifest.foreign_yaml import read_foreign
from reconciler.control.manifest.round_trip.folder import FolderPlan
from reconciler.control.seal import place_of, sealed_text
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonValue, value_at
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.sealing import PublicKey

_LARGEST = 32 * 1024 * 1024


def folder_plan(
    folder: Path, findings: Findings, public: PublicKey | None, cipher: Cipher | None, *, force: bool = False
) -> tuple[FolderPlan, tuple[str, ...]]:
    """As `plan_files`; secrets by the names of variables, or sealed."""
    if folder.exists() and not folder.is_dir():
        raise InvalidInput(f"{folder} is not a folder", hint="--out takes a folder of manifests")
    present = _present(folder, [*files(with_secrets(findings, None)), INDEX])
    present |= _present(folder, recorded(present.get(INDEX)))
    sealing = None if public is None else Sealing(public, cipher, _sealed_there(present, findings))
    return plan_files(folder.resolve(), present, files(with_secrets(findings, sealing)), force=force)


def _present(folder: Path, names: list[str] | dict[str, str]) -> dict[str, bytes]:
    found = {}
    for name in names:
        path = folder / name
        try:
            if path.is_symlink() or path.exists():
                found[name] = path.read_bytes()[:_LARGEST]
        except OSError as error:
            raise InvalidInput(
                f"{path} can't be read: {(error.strerror or 'no reason given').lower()}"
            ) from None
    return found


def _sealed_there(present: Mapping[str, bytes], findings: Findings) -> dict[str, str]:
    """Sealed texts of the files that are there, by their place."""
    names = {secret.key: secret for secret in findings.secrets if secret.key is not None}
    paths = files([resource for resource in findings.resources if resource.key in names])
    held = {
        key: data
        for name in paths
        if (data := _data(present.get(name), name))
        for key in names
        if _is(data, key)
    }
    found = {}
    for secret in findings.secrets:
        data = held.get(secret.key) if secret.key is not None else None
        text = sealed_text(value_at(data, ("spec", *secret.path))) if data is not None else None
        if secret.key is not None and text is not None:
            found[str(place_of(secret.key, secret.path))] = text
    return found


def _data(content: bytes | None, name: str) -> dict[str, JsonValue] | None:
    try:
        return read_foreign(content, name) if content is not None else None
    except InvalidInput:
        return None


def _is(data: JsonValue, key: ResourceKey) -> bool:
    return value_at(data, ("kind",)) == key.kind and value_at(data, ("metadata", "name")) == key.name
