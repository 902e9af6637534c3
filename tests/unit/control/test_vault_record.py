import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes.workshop import CIPHER, Workshop, remote, secret

from reconciler.control.vault_record import VaultReport, verify_vault
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.keys import Keyring, MasterKey
from reconciler.store.reader import Reader


@pytest.fixture
def store(tmp_path: Path) -> Path:
    shop = Workshop(tmp_path)
    shop.write("all.yaml", remote(apiKey="sk-1"), secret(hosts=["a.example"], K="s-2", L="s-3"))
    shop.apply()
    shop.write("all.yaml", remote(apiKey="sk-4"), secret(hosts=["a.example"], K="s-2", L="s-3"))
    shop.apply()
    shop.close()
    return shop.store


def _verified(store: Path, cipher: Cipher | None = CIPHER) -> VaultReport:
    with Reader(store) as reader:
        return verify_vault(reader, cipher)


def _forge(store: Path, statement: str) -> list[str]:
    with closing(sqlite3.connect(store)) as connection, connection:
        assert connection.execute(statement).rowcount >= 1
    return [str(problem) for problem in _verified(store).problems]


def test_a_vault_that_is_whole(store: Path) -> None:
    assert _verified(store) == VaultReport((), 4, 4)
    places = ("Provider/far/spec.config.apiKey", "Secret/keys/spec.data.K", "Secret/keys/spec.data.L")
    shut = VaultReport((), 4, 0, tuple(f"default/{place}" for place in places))
    assert _verified(store, None) == shut
    assert _verified(store, Cipher(Keyring([MasterKey(bytes(32))]))) == shut


def test_a_sealed_value_that_is_gone(store: Path) -> None:
    problems = _forge(store, "DELETE FROM vault WHERE place LIKE '%apiKey' AND rowid = 1")
    (problem,) = problems
    assert problem.startswith("revision 1, Provider/far: it names the sealed value v-")
    assert problem.endswith(", which the vault does not hold")


def test_a_sealed_value_of_another_place(store: Path) -> None:
    problems = _forge(
        store, "UPDATE vault SET place = 'default/Provider/other/spec.config.apiKey' WHERE rowid = 1"
    )
    assert len(problems) == 2
    assert "which the vault holds for default/Provider/other/spec.config.apiKey" in problems[0]
    assert "does not open with its key" in problems[1]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE vault SET ciphertext = (SELECT ciphertext FROM vault WHERE rowid = 2) WHERE rowid = 1",
            "not open",
        ),
        ("UPDATE vault SET ciphertext = x'00' WHERE rowid = 1", "does not open with its key"),
        ("UPDATE vault SET ciphertext = 7 WHERE rowid = 1", "does not open with its key"),
        ("UPDATE vault SET place = 'odd' WHERE rowid = 1", "does not open with its key"),
        ("UPDATE vault SET fingerprint = 'f1-0' WHERE rowid = 1", "is of another value"),
    ],
)
def test_with_the_key_what_was_changed_is_found(store: Path, statement: str, words: str) -> None:
    problems = _forge(store, statement)
    assert words in problems[-1]
    assert not any(text in "".join(problems) for text in ("sk-1", "s-2"))


def test_what_can_not_be_read_is_found_elsewhere(store: Path) -> None:
    assert _forge(store, "UPDATE version SET body = '{' WHERE kind = 'Secret'") == []
    assert _forge(store, """UPDATE version SET body = '{"spec": 7, "labels": {}, "annotations": {}}'""") == []
    assert _forge(store, "UPDATE version SET kind = 'Strange'") == []


def test_an_older_key_opens_what_it_sealed(store: Path) -> None:
    """Its fingerprints can't be computed any more, for a cipher computes them with the newest key."""
    both = Cipher(Keyring([MasterKey(bytes(32)), MasterKey(bytes(range(32)))]))
    assert _verified(store, both) == VaultReport((), 4, 4)
