import sqlite3
from contextlib import closing

import pytest
from fakes.command import Routerctl, manifest, served

SEALED = manifest(
    "Provider",
    "far",
    {"type": "openai-compatible", "config": {"baseURL": "https://a.example/v1", "apiKey": "sk-plain"}},
)


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.apply(served("m"))
    routerctl.apply(served("m", priority=2))
    routerctl.ok("rollback", "1")
    return routerctl


def forge(routerctl: Routerctl) -> None:
    with closing(sqlite3.connect(routerctl.db)) as connection, connection:
        connection.execute("UPDATE revision SET message = 'forged' WHERE number = 2")


def test_a_record_that_is_whole_is_verified(filled: Routerctl) -> None:
    digest = filled.ok("show", "-o", "jsonpath={.digest}").strip()
    signed = filled("audit", "-o", "json").json()["items"][-1]["digest"]
    assert filled.ok("history", "verify").splitlines() == [
        f"3 revisions verified; the head's digest is {digest}",
        f"3 rows of the audit verified; its digest is {signed}",
    ]
    assert filled("history", "verify", "--head", signed).code == 0
    assert filled("history", "verify", "--head", digest, "-o", "json").json() == {
        "valid": True,
        "head": {"number": 3, "digest": digest},
        "wholeFrom": 0,
        "sealedValues": {"held": 0, "opened": 0},
        "problems": [],
        "audit": {"rows": 3, "digest": signed},
    }


def test_a_record_that_was_changed_says_what_is_wrong_and_where(filled: Routerctl) -> None:
    forge(filled)
    done = filled("history", "verify")
    assert (done.code, done.out) == (5, "")
    assert done.err.splitlines() == [
        "error: the record is not what was committed (1 problem):",
        "  revision 2: it is not what its digest signed",
        f"  restore the store from a backup: routerctl --db {filled.db} restore FILE",
    ]
    told = filled("history", "verify", "-o", "json")
    assert (told.code, told.json()["valid"]) == (5, False)
    assert told.json()["problems"] == [
        {"revision": 2, "key": None, "message": "it is not what its digest signed"}
    ]


def test_a_head_that_was_kept_elsewhere_proves_against_a_rewritten_chain(filled: Routerctl) -> None:
    done = filled("history", "verify", "--head", "sha256:other")
    assert (done.code, "the digest of the head is not sha256:other" in done.err) == (5, True)


def test_with_the_key_the_vault_is_opened_as_well(routerctl: Routerctl) -> None:
    routerctl.apply(SEALED)
    assert routerctl.ok("history", "verify").splitlines()[2:] == ["1 sealed value opened."]
    with closing(sqlite3.connect(routerctl.db)) as connection, connection:
        connection.execute("UPDATE vault SET ciphertext = CAST('x' AS BLOB)")
    lines = routerctl("history", "verify").err.splitlines()
    assert lines[0] == "error: the record is not what was committed (2 problems):"
    assert "is not what was written" in lines[1]
    assert "does not open with its key" in lines[2]
    assert "sk-plain" not in "".join(lines)


def test_without_the_key_it_says_what_was_not_opened(routerctl: Routerctl) -> None:
    routerctl.apply(SEALED)
    routerctl.db.with_suffix(".key").unlink()
    assert "0 of 1 sealed value opened; the key is not at hand." in routerctl.ok("history", "verify")
    routerctl.monkeypatch.setenv("ROUTERCTL_ENCRYPTION_KEY", "A" * 43 + "=")
    done = routerctl("history", "verify")
    assert (done.code, "the encryption key at hand" in done.err) == (0, True)
    assert "0 of 1 sealed value opened" in done.out


def test_after_a_compaction_it_says_from_where_on_contents_are_proved(filled: Routerctl) -> None:
    filled.ok("history", "prune", "--keep", "1")
    lines = filled.ok("history", "verify").splitlines()
    assert lines[2] == "Contents are proved from revision 2 on; before it, what changed and by whom."
    assert filled("history", "verify", "-o", "json").json()["wholeFrom"] == 2
