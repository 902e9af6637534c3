import sqlite3

import pytest
from fakes.command import Routerctl, manifest

from reconciler.api.upkeep import Finding
from reconciler.bootstrap.doctor.keys import key_findings
from reconciler.json_types import JsonObject
from reconciler.secrets.keys import MasterKey
from reconciler.settings import KEY
from reconciler.store.reader import Reader
from reconciler.store.url import parse

CONFIG: JsonObject = {"baseURL": "https://a.example/v1", "apiKey": "sk-first"}
SEALED = manifest("Provider", "far", {"type": "openai-compatible", "config": CONFIG})


def found(routerctl: Routerctl, **environ: str) -> Finding:
    location = parse(str(routerctl.db))
    with Reader(location.config_path) as reader:
        (only,) = key_findings(location, environ, reader, "routerctl")
    return only


def test_a_key_that_opens_all(routerctl: Routerctl) -> None:
    location = parse(str(routerctl.db))
    (before,) = key_findings(location, {}, None, "routerctl")
    assert (before.level, "nothing is sealed" in before.message) == ("ok", True)
    (early,) = key_findings(location, {KEY: MasterKey.generate().text()}, None, "routerctl")
    assert early.level == "ok"
    routerctl.apply(SEALED)
    assert found(routerctl).message.endswith("it opens the one sealed value")


def test_no_key_another_key_and_a_key_that_others_read(routerctl: Routerctl) -> None:
    routerctl.apply(SEALED)
    key = routerctl.db.with_suffix(".key")
    assert found(routerctl, **{KEY: MasterKey.generate().text()}).level == "error"
    key.chmod(0o644)
    assert found(routerctl).todo == f"chmod 600 {key}"
    key.unlink()
    missing = found(routerctl)
    assert (missing.level, "sealed with" in missing.message) == ("error", True)


def test_values_of_two_keys(routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    routerctl.apply(SEALED)
    key = routerctl.db.with_suffix(".key").read_text().strip()
    newer = MasterKey.generate().text()
    monkeypatch.setenv(KEY, f"{newer},{key}")
    routerctl.apply(SEALED.replace("sk-first", "sk-second"))
    both = found(routerctl, **{KEY: f"{newer},{key}"})
    assert (both.level, both.why) == ("ok", "")
    half = found(routerctl, **{KEY: newer})
    assert (half.level, "1 of 2 sealed values need another key" in half.message) == ("error", True)
    assert half.message.endswith(": default/Provider/far/spec.config.apiKey")


def test_a_value_that_does_not_open(routerctl: Routerctl) -> None:
    routerctl.apply(SEALED, SEALED.replace("far", "near"))
    connection = sqlite3.connect(routerctl.db)
    connection.execute("UPDATE vault SET ciphertext = X'00'")
    connection.commit()
    connection.close()
    broken = found(routerctl)
    assert (broken.level, "(and 1 more)" in broken.message) == ("error", True)
