import base64

import pytest
from fakes.command import Routerctl, manifest, served

from reconciler.control import secret_search
from reconciler.json_types import JsonObject

SECRET = "sk-Zq7LitWv9rKe+/h3TxNb6PsYd2Jm"
CONFIG: JsonObject = {"baseURL": "https://a.example/v1", "apiKey": SECRET}
SEALED = manifest("Provider", "far", {"type": "openai-compatible", "config": CONFIG})


def test_a_store_that_is_well_holds_none(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"), SEALED)
    routerctl.ok("backup", routerctl.db.parent / "routerctl-backup.db")
    done = routerctl("secret", "audit")
    assert (done.code, done.out, done.err) == (0, "2 secrets looked for; none found.\n", "")


def test_places_are_told_and_never_values(routerctl: Routerctl) -> None:
    routerctl.apply(SEALED)
    logs = routerctl.folder / "logs"
    logs.mkdir()
    (logs / "a").write_text(f"key {SECRET[:12]}")
    (logs / "b").write_bytes(base64.b64encode(b"xx" + SECRET.encode()))
    key = routerctl.db.with_suffix(".key").read_text()
    (logs / "c").write_text(key)
    (routerctl.db.parent / "routerctl-copy.txt").write_text(SECRET[-12:])
    done = routerctl("secret", "audit", logs, routerctl.db.with_suffix(".key"))
    assert done.code == 1
    first, *rest = done.out.splitlines()
    assert first.startswith(
        f"{routerctl.db.parent}/routerctl-copy.txt: byte 0: Provider/far spec.config.apiKey, sealed as v-"
    )
    assert [line.partition(":")[0].rpartition("/")[2] for line in rest] == ["a", "b", "c", "c"]
    assert "the encryption key" in rest[2]
    assert "found in 4 files" in done.err
    told = routerctl("secret", "audit", logs, "-o", "json")
    assert told.code == 1
    assert {each["form"] for each in told.json()["found"]} == {"its beginning", "its end", "base64"}
    for shown in (SECRET[:12], SECRET[-12:], key.strip()[:12]):
        assert shown not in done.out + done.err + told.out


def test_what_it_could_not_look_for_or_into_is_said(
    routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = SEALED.replace('"far"', '"gone"').replace(f'"{SECRET}"', '{"valueFrom": {"env": "GONE_API_KEY"}}')
    short = SEALED.replace('"far"', '"short"').replace(SECRET, "x")
    routerctl.apply(SEALED, gone, short)
    (routerctl.folder / "damaged").write_bytes(b"SQLite format 3\0" + b"\xff" * 200)
    done = routerctl("secret", "audit", routerctl.folder / "damaged")
    assert done.code == 0
    assert "too short to be looked for: Provider/short" in done.err
    assert "could not be had: Provider/gone" in done.err
    assert "could not be read:" in done.err
    assert routerctl("secret", "audit", routerctl.folder / "none").code == 3

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(secret_search, "finds", refused)
    assert "damaged: permission denied" in routerctl("secret", "audit", routerctl.folder / "damaged").err


def test_another_stores_key_is_refused(routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    routerctl.apply(SEALED)
    away = routerctl.db.with_suffix(".key").rename(routerctl.folder / "mine.key")
    routerctl.ok("secret", "keygen", "--out", routerctl.folder / "other.key")
    monkeypatch.setenv("ROUTERCTL_ENCRYPTION_KEY_FILE", str(routerctl.folder / "other.key"))
    assert routerctl("secret", "audit").code == 5
    monkeypatch.setenv("ROUTERCTL_ENCRYPTION_KEY_FILE", str(away))
    assert routerctl("secret", "audit", away).code == 0
