from pathlib import Path

import pytest
from fakes.store import commit_all, open_writer, provider, put

from reconciler.bootstrap.accounts import LocalAccounts
from reconciler.errors import SecretError
from reconciler.secrets.keys import MasterKey
from reconciler.secrets.sealing import PublicKey
from reconciler.settings import KEY
from reconciler.store.reader import Reader
from reconciler.store.records import RevisionMeta, VaultEntry
from reconciler.store.url import parse


def test_the_record_is_proved_and_told(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    (head,) = commit_all(path, [put(provider("p"))])
    with Reader(path) as reader:
        accounts = LocalAccounts(parse(str(path)), {}, reader)
        (row,) = accounts.audit()
        found = accounts.verified()
        assert (found.head, found.problems, found.deeds, found.signed) == (head, (), 1, row.digest)
        assert accounts.audit(principal="local:nobody") == []
        assert [str(each) for each in accounts.verified("sha256:x").problems] == [
            "revision 1: the digest of the head is not sha256:x"
        ]
        with pytest.raises(SecretError, match="no encryption key where the store is"):
            accounts.public_key()
        keyed = LocalAccounts(parse(str(path)), {KEY: MasterKey.generate().text()}, reader)
        assert PublicKey.parse(keyed.public_key()).text() == keyed.public_key()


def test_the_key_of_another_store_is_said_and_opens_nothing(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with open_writer(path) as writer:
        entry = VaultEntry("v-1", "default/Provider/p/config.apiKey", b"x", "f-1", "another")
        writer.commit([put(provider("p"))], base=0, meta=RevisionMeta("ada", "apply"), seals=[entry])
    with Reader(path) as reader:
        environ = {KEY: MasterKey.generate().text()}
        found = LocalAccounts(parse(str(path)), environ, reader).verified()
    assert (found.sealed, found.opened) == (1, 0)
    assert found.trouble is not None
    assert "is not this store's" in found.trouble
