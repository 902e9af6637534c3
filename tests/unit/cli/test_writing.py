import pytest
from fakes.by_hand import spec
from fakes.command import Routerctl, manifest, served
from fakes.workers import live_worker

from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked
from reconciler.cli.writing import carry_out
from reconciler.cli.written_output import Words, Written
from reconciler.errors import SecretError, Unreachable
from reconciler.json_types import JsonObject
from reconciler.resources.resource import ResourceKey
from reconciler.store.records import StoreMissing

KEY = ResourceKey("Provider", "default", "m")
WORDS = Words("patched", "patched (no change)")
SECRET: JsonObject = {"apiKey": "sk-1", "baseURL": "http://a:1/v1"}


def done(
    routerctl: Routerctl, asked: Asked, *, sealing: bool = False, **fields: int | str | JsonObject
) -> Written:
    session = Session({}, str(routerctl.db))
    return carry_out(session, "patch", {KEY: spec(**fields)}, asked, WORDS, sealing=sealing)


def test_it_says_when_nothing_serves(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    written = done(routerctl, Asked(), priority=3)
    assert written.revision is not None
    assert written.revision.number == 2
    shown = routerctl.capsys.readouterr()
    assert shown.out.splitlines()[0] == "provider/m patched"
    assert shown.err == f"Nothing serves this store; start it with: routerctl --db {routerctl.db} up\n"
    done(routerctl, Asked(), priority=3)
    assert routerctl.capsys.readouterr().err == ""


def test_it_waits_where_that_is_asked_for(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    with pytest.raises(Unreachable):
        done(routerctl, Asked(wait=True, timeout=0.0), priority=3)
    live_worker(routerctl.db, revision=3)
    done(routerctl, Asked(wait=True, timeout=0.0, output="name"), priority=4)
    shown = routerctl.capsys.readouterr()
    assert (shown.out.splitlines()[-1], shown.err) == ("provider/m", "1 worker serves revision 3.\n")


def test_a_dry_run_neither_writes_nor_waits_nor_makes_a_key(routerctl: Routerctl) -> None:
    routerctl.apply(manifest("Provider", "m", {"type": "lm-studio", "config": {"baseURL": "http://a:1/v1"}}))
    key_file = routerctl.db.with_suffix(".key")
    assert not key_file.exists()
    assert done(routerctl, Asked(dry_run=True, wait=True), sealing=True, config=SECRET).revision is None
    assert not key_file.exists()
    assert routerctl.ok("history", "-o", "name") == "revision/1\n"
    assert done(routerctl, Asked(), priority=1).revision is not None
    assert not key_file.exists()
    done(routerctl, Asked(), sealing=True, config=SECRET)
    assert key_file.exists()


def test_a_lost_key(routerctl: Routerctl) -> None:
    routerctl.apply(
        manifest(
            "Provider", "m", {"type": "lm-studio", "config": {"baseURL": "http://a:1/v1", "apiKey": "sk-0"}}
        )
    )
    for file in routerctl.db.parent.glob("*key*"):
        file.unlink()
    for asked in (Asked(), Asked(dry_run=True)):
        with pytest.raises(SecretError, match="no encryption key"):
            done(routerctl, asked, sealing=True, config=SECRET)
    assert done(routerctl, Asked(), priority=1).revision is not None


def test_no_store_is_made(routerctl: Routerctl) -> None:
    for asked in (Asked(), Asked(dry_run=True)):
        with pytest.raises(StoreMissing):
            done(routerctl, asked, priority=1)
    assert not routerctl.db.exists()
