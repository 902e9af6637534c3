"""F23: the encryption key is gone, or another one lies in its place: what it sealed is refused by name, all else goes on."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fakes.attacked import Upstreams, bound, document
from fakes.running import Running, routerctl, running, said

pytestmark = pytest.mark.slow

KEY = "sk-held-by-the-vault"
OF_ONE = "sk-held-by-a-secret"
AFFECTED = ("Provider/by-secret", "Provider/sealed")


def manifests(port: int, text: str = "first") -> Iterator[str]:
    config = {"baseURL": f"http://127.0.0.1:{port}/ok/v1"}
    reference = {"valueFrom": {"secret": {"name": "keys", "key": "ONE"}}}
    yield document("Secret", "keys", {"data": {"ONE": {"value": OF_ONE}}})
    for name, key in (("sealed", KEY), ("by-secret", reference)):
        yield document("Provider", name, {"type": "openai-compatible", "config": {**config, "apiKey": key}})
        yield bound(name, name)
    yield plain(text)


def plain(text: str) -> str:
    return document("Provider", "plain", {"type": "simulator", "config": {"text": text}}) + bound(
        "plain", "plain"
    )


def vault(db: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(db)) as connection:
        return sorted(connection.execute("SELECT * FROM vault"))


def test_what_it_sealed_is_refused_and_all_else_goes_on(tmp_path: Path) -> None:
    db, manifest, key_file = tmp_path / "s.db", tmp_path / "all.yaml", tmp_path / "s.key"
    with Upstreams() as upstreams:
        manifest.write_text("".join(manifests(upstreams.port)))
        routerctl(db, "apply", "-f", str(manifest))
        held, sealed = key_file.read_bytes(), vault(db)
        key_file.unlink()
        refused_by_commands(db, manifest, "there is no ")
        assert not key_file.exists()  # nobody made another one
        with running("serve", db=db) as gateway:
            refused_by_the_gateway(gateway, "first")
            other = tmp_path / "plain.yaml"
            other.write_text(plain("second"))
            done = said(
                db, "apply", "-f", str(other), "--field-manager", "ada", "--force-conflicts", "--wait"
            )
            assert done.code == 8, done  # applied, and who is left out is named
            assert [name for name in AFFECTED if name not in done.err] == []
            refused_by_the_gateway(gateway, "second")
            routerctl(db, "secret", "keygen", "--out", str(key_file))
            manifest.write_text("".join([*manifests(upstreams.port)][:-1]))
            refused_by_commands(db, manifest, "is not this store's")
            needs_none = said(db, "apply", "-f", str(other), "--field-manager", "ada")
            assert needs_none.code == 0, needs_none
            refused_by_the_gateway(gateway, "second")
            assert vault(db) == sealed
            key_file.write_bytes(held)
            gateway.wait(
                lambda: {gateway.chat(each).status_code for each in ("sealed", "by-secret")} == {200},
                "the key",
            )
            assert {each.header("authorization") for each in upstreams.requests} == {
                f"Bearer {KEY}",
                f"Bearer {OF_ONE}",
            }
        assert vault(db) == sealed
        assert "every revision up to 2" in said(db, "doctor").out


def refused_by_commands(db: Path, manifest: Path, why: str) -> None:
    told = said(db, "doctor")
    assert told.code == 5
    assert why in told.out
    assert [name for name in AFFECTED if name not in told.out] == []
    done = said(db, "apply", "-f", str(manifest))
    assert (done.code, done.out) == (5, "")
    assert why in done.err
    assert KEY not in repr((told, done))


def refused_by_the_gateway(gateway: Running, text: str) -> None:
    assert gateway.text("plain") == text
    for name in ("sealed", "by-secret"):
        answer = gateway.chat(name)
        assert answer.status_code >= 400
        assert answer.json()["error"]["code"] == "no_provider"
    refused = {each["provider"] for worker in gateway.status()["workers"] for each in worker["refused"]}
    assert refused == {*AFFECTED}
