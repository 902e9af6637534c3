"""What import reads: files and folders of other systems, never changed, each as what it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli.import_files import YAML, candidates, content_of, including
from reconciler.control.importing import detecting, oxide_sources, provider_router
from reconciler.control.importing.detecting import Form
from reconciler.control.importing.env import import_env
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.litellm import import_litellm
from reconciler.control.manifest.foreign_yaml import read_foreign
from reconciler.errors import InvalidInput, SecretError
from reconciler.json_types import JsonObject
from reconciler.secrets.fernet_text import FernetKey
from reconciler.store import foreign

AUTO = "auto"
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

    def _if_known(self, path: Path) -> Findings | None:
        """None for a file of a folder that is something else. One whose key is wrong is no such file."""
        try:
            return self._read(path)
        except InvalidInput:
            return None

    def _read(self, path: Path) -> Findings:
        if foreign.is_database(path):
            return self._database(path)
        content = content_of(path)
        if self.form == "env" or (self.form == AUTO and detecting.is_env_name(path.name)):
            return import_env(content.decode("utf-8", "replace"), str(path), self.namespace)
        try:
            data = read_foreign(content, str(path))
        except InvalidInput:
            if (
                self.form == AUTO
                and path.suffix not in YAML
                and detecting.is_env_text(content.decode("utf-8", "replace"))
            ):
                return import_env(content.decode("utf-8", "replace"), str(path), self.namespace)
            raise
        return self._mapping(path, data)

    def _mapping(self, path: Path, data: JsonObject) -> Findings:
        form = self._checked(path, detecting.form_of_mapping(data))
        if form == "litellm":
            return import_litellm(data, str(path), including(path.parent), self.environ, self.namespace)
        if form == "oxide-profiles":
            return oxide_sources.import_profiles(data, str(path), self.namespace)
        return oxide_sources.import_oxide(data, str(path), self.namespace)

    def _database(self, path: Path) -> Findings:
        tables = foreign.read_tables(path, _TABLES)
        form = self._checked(path, detecting.form_of_database(tables.names))
        if form == "oxide":
            return oxide_sources.import_oxide_database(
                tables, str(path), _Opening(self, path), self.namespace
            )
        return provider_router.import_provider_router(tables, str(path), self.namespace)

    def _checked(self, path: Path, form: Form | None) -> Form:
        """Raises InvalidInput where it is not what --from says."""
        if form is None:
            raise InvalidInput(
                f"{path} is nothing that is known here", hint=f"known are: {', '.join(detecting.FORMS[:-1])}"
            )
        said = "oxide" if form == "oxide-profiles" else form
        if self.form not in (AUTO, said):
            raise InvalidInput(
                f"{path} is of {said}, not of {self.form}", hint=f"say --from {said}, or --from auto"
            )
        return form

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
