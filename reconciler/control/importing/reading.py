"""What import reads: files and folders of other systems, never changed, each as what it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.control.importing import detecting, oxide_sources, provider_router
from reconciler.control.importing.detecting import AUTO, NotKnown, checked
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.source_files import candidates, content_of
from reconciler.control.importing.texts import read_text
from reconciler.errors import InvalidInput, SecretError
from reconciler.secrets.fernet_text import FernetKey
from reconciler.store import foreign

__all__ = ["AUTO", "NotKnown", "Reading"]

_OXIDE_KEY, _OXIDE_KEY_FILE = "OXIDE_ENCRYPTION_KEY", "encryption.key"
_TABLES = (*provider_router.TABLES, *oxide_sources.TABLES)


@dataclass(frozen=True, slots=True)
class Reading:
    """form: what --from says."""

    environ: Mapping[str, str]
    namespace: str
    form: str
    key_file: Path | None = None

    def findings(self, paths: tuple[Path, ...]) -> list[Findings]:
        """Of each file. Raises InvalidInput for one that is not what was said, or is nothing that is known."""
        found: list[Findings] = []
        for path in dict.fromkeys(paths):
            if path.is_dir():
                inside = [each for file in candidates(path) if (each := self._if_known(file)) is not None]
                if not inside:
                    raise InvalidInput(
                        f"{path} holds nothing that can be imported",
                        hint="name the files themselves: a .env, a database, or a YAML file",
                    )
                found += inside
            else:
                found.append(self._read(path))
        return found

    def search(self, folder: Path) -> tuple[list[Findings], list[str]]:
        """What is known in a folder; and, of files that look like it and can't be read, why."""
        found: list[Findings] = []
        unread: list[str] = []
        for path in candidates(folder):
            try:
                found.append(self._read(path))
            except NotKnown:
                continue
            except InvalidInput as error:
                unread.append(error.message)
        return found, unread

    def _if_known(self, path: Path) -> Findings | None:
        """None for a file of a folder that is something else. One whose key is wrong is no such file."""
        try:
            return self._read(path)
        except InvalidInput:
            return None

    def _read(self, path: Path) -> Findings:
        if foreign.is_database(path):
            return self._database(path)
        return read_text(path, content_of(path), self.form, self.environ, self.namespace)

    def _database(self, path: Path) -> Findings:
        tables = foreign.read_tables(path, _TABLES)
        form = checked(path, detecting.form_of_database(tables.names), self.form)
        if form == "oxide":
            return oxide_sources.import_oxide_database(
                tables, str(path), _Opening(self, path), self.namespace
            )
        return provider_router.import_provider_router(tables, str(path), self.namespace)

    def oxide_key(self, path: Path) -> FernetKey:
        """The file that is given, else the variable, else the file beside the database. Raises SecretError."""
        if self.key_file is None and self.environ.get(_OXIDE_KEY):
            return FernetKey(self.environ[_OXIDE_KEY], f"the variable {_OXIDE_KEY}")
        file = self.key_file or path.parent / _OXIDE_KEY_FILE
        if not file.exists():
            raise SecretError(
                f"{path} holds encrypted keys, and there is no key that opens them",
                hint=f"give it with --oxide-key-file FILE, or in {_OXIDE_KEY}; Oxide keeps it in ~/.oxide/{_OXIDE_KEY_FILE}",
            )
        return FernetKey(content_of(file).decode("utf-8", "replace"), f"the file {file}")


class _Opening:
    """Looks for the key when the first value needs it."""

    def __init__(self, reading: Reading, path: Path) -> None:
        self._reading, self._path = reading, path
        self._key: FernetKey | None = None

    def __call__(self, token: str) -> str:
        if self._key is None:
            self._key = self._reading.oxide_key(self._path)
        return self._key.open(token)
