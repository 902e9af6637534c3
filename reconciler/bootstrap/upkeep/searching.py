"""Secrets that the store knows, looked for in its own files, and in others that are named."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.api.upkeep import Searched
from reconciler.bootstrap.ciphers import load_cipher
from reconciler.bootstrap.reading import open_reader
from reconciler.control.known_secrets import Known, known_secrets, with_keys
from reconciler.control.secret_search import files_below, look
from reconciler.secrets.keys import load_keyring
from reconciler.secrets.resolver import Resolver
from reconciler.settings import KEY_FILE, Reach, key_file_beside, state_folder
from reconciler.store.url import StoreLocation


@dataclass(frozen=True, slots=True)
class SecretSearch:
    """`beside`: files and folders that are looked into as well."""

    location: StoreLocation
    environ: Mapping[str, str] = field(repr=False)
    reach: Reach
    beside: Sequence[Path] = ()

    def run(self, counted: Callable[[int, int], None]) -> Searched:
        """Raises SecretError for a key that is not the store's: then nothing that is sealed could be looked for."""
        known = self._known()
        files = [*files_below((*self._own(), *self.beside), self._where_they_belong(known))]
        looked = look(known.values, _counting(files, counted))
        return Searched(
            len(known.values) - len(looked.too_short),
            tuple(looked.found),
            tuple(looked.too_short),
            tuple(known.unknown),
            tuple(looked.unread),
            known.gone,
        )

    def _known(self) -> Known:
        with open_reader(self.location) as reader:
            cipher = load_cipher(self.location, self.environ, reader)
            resolver = Resolver(self.reach, self.environ, reader, cipher, lambda _: None)
            known = known_secrets(reader, cipher, resolver)
        ring = load_keyring(self.environ, key_file_beside(self.location.config_path))
        keys = ring.keys if ring is not None else ()
        return with_keys(known, {f"the encryption key {key.id}": key.text() for key in keys})

    def _where_they_belong(self, known: Known) -> set[Path]:
        given = self.environ.get(KEY_FILE)
        beside = key_file_beside(self.location.config_path)
        return {*known.files, beside, *([Path(given)] if given else [])}

    def _own(self) -> Iterator[Path]:
        """What is kept beside the store bears its name; reports of bugs have a folder of their own."""
        store = self.location.config_path
        yield from sorted(
            path for path in store.parent.iterdir() if path.name.lstrip(".").startswith(store.stem)
        )
        reports = state_folder(self.environ) / "reports"
        if reports.is_dir():
            yield reports


def _counting(files: Sequence[Path], counted: Callable[[int, int], None]) -> Iterator[Path]:
    for done, file in enumerate(files):
        counted(done, len(files))
        yield file
