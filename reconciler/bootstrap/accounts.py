"""Who did what to a store on this machine, and whether the record of it is whole."""

from collections.abc import Mapping, Sequence

from reconciler.api.accounts import Verified
from reconciler.bootstrap.ciphers import load_cipher
from reconciler.control.vault_record import verify_vault
from reconciler.errors import SecretError
from reconciler.secrets.cipher import Cipher
from reconciler.store import audit, verify
from reconciler.store.audit import AuditRow
from reconciler.store.reader import Reader
from reconciler.store.records import EMPTY_STORE
from reconciler.store.url import StoreLocation


class LocalAccounts:
    """Fits api.records.Accounts."""

    def __init__(self, location: StoreLocation, environ: Mapping[str, str], reader: Reader) -> None:
        self._location = location
        self._environ = environ
        self._reader = reader

    def audit(self, limit: int | None = None, principal: str | None = None) -> Sequence[AuditRow]:
        return audit.rows(self._reader, limit=limit, principal=principal)

    def verified(self, head: str | None = None) -> Verified:
        """With the key at hand, every sealed value is opened as well."""
        reader = self._reader
        with reader.consistent():
            cipher, trouble = self._cipher()
            newest = reader.head_revision() or EMPTY_STORE
            problems = verify.verify(reader, head=head)
            vault = verify_vault(reader, cipher)
            problems += vault.problems
            compacted = 0 if problems else reader.compacted()
            deeds = audit.rows(reader)
        signed = deeds[-1].digest if deeds else None
        return Verified(
            newest, tuple(problems), compacted, vault.entries, vault.opened, len(deeds), signed, trouble
        )

    def public_key(self) -> str:
        cipher = load_cipher(self._location, self._environ, self._reader)
        if cipher is None:
            raise SecretError(
                "there is no encryption key where the store is",
                hint="make one there",
                command="secret keygen",
            )
        return cipher.public_key.text()

    def _cipher(self) -> tuple[Cipher | None, str | None]:
        """A key that is not this store's opens nothing, and is no reason to look at nothing."""
        try:
            return load_cipher(self._location, self._environ, self._reader), None
        except SecretError as error:
            return None, str(error)
