import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.store import SteppingClock, commit_all, provider, put
from fakes.writing import someone

from reconciler.bootstrap.upkeep.local import LocalUpkeep
from reconciler.errors import Forbidden, InvalidInput, StoreError
from reconciler.resources.principal import Principal, Role
from reconciler.settings import Reach
from reconciler.store import audit
from reconciler.store.compaction import Keep
from reconciler.store.url import StoreLocation, parse

ADMIN = someone(Role.ADMIN)


@pytest.fixture
def store(tmp_path: Path) -> StoreLocation:
    location = parse(str(tmp_path / "state" / "store.db"))
    commit_all(
        location.config_path, [put(provider("a"))], *([put(provider("a", priority=n))] for n in (2, 3))
    )
    return location


def upkeep(store: StoreLocation, who: Principal = ADMIN) -> LocalUpkeep:
    return LocalUpkeep(store, {}, SteppingClock(), who, Reach(), "routerctl --db X")


@pytest.mark.parametrize(
    "who",
    [
        someone(Role.OPERATOR),
        someone(Role.VIEWER),
        someone(Role.ADMIN, namespaces=["default"]),
        someone(Role.ADMIN, namespaces=[]),
    ],
    ids=["operator", "viewer", "one-namespace", "no-namespace"],
)
@pytest.mark.parametrize(
    "asks",
    [
        lambda asked: asked.back_up(Path("/nowhere/x"), force=True),
        lambda asked: asked.copy(),
        lambda asked: asked.prune(Keep(1), dry_run=True),
        lambda asked: asked.examine(online=True),
        lambda asked: asked.search_secrets(print),
        lambda asked: asked.rotate_key(print),
        lambda asked: asked.drop_old_keys(dry_run=True),
    ],
    ids=["backup", "copy", "prune", "doctor", "audit", "rotate", "drop"],
)
def test_it_is_an_admins_who_sees_all(who: Principal, asks: Callable[[LocalUpkeep], object]) -> None:
    nowhere = parse("/nowhere/store.db")
    with pytest.raises(Forbidden):
        asks(upkeep(nowhere, who))


@pytest.mark.parametrize(
    "keep", [Keep(), Keep(0), Keep(since="yesterday"), Keep(since="2026-01-01"), Keep(since="0001-01-01T00:00+14:00")]
)  # fmt: skip
def test_what_is_kept_has_to_be_said(store: StoreLocation, keep: Keep) -> None:
    with pytest.raises(InvalidInput):
        upkeep(store).prune(keep, dry_run=False)


def test_old_contents_go(store: StoreLocation) -> None:
    assert upkeep(store).prune(Keep(since="2026-01-01T01:00:00+01:00"), dry_run=True).versions == 0
    assert upkeep(store).prune(Keep(1), dry_run=True).versions == 1
    assert upkeep(store).prune(Keep(1), dry_run=False).compacted == 2


def test_findings_name_the_program(store: StoreLocation) -> None:
    found = upkeep(store).examine(online=False)
    assert "routerctl --db X serve" in [each.todo for each in found]
    assert not [each for each in found if each.level == "error"]


def test_a_full_disk_is_backed_up_elsewhere_and_not_sent(
    store: StoreLocation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(audit, "note", full)
    with caplog.at_level(logging.WARNING):
        done = upkeep(store).back_up(tmp_path / "b.db", force=False)
    assert done.backup.head.number == 3
    assert "the audit does not tell of this backup: the disk is full" in caplog.text
    with pytest.raises(StoreError, match="the disk is full"):
        upkeep(store).copy()


def test_secrets_and_keys(store: StoreLocation) -> None:
    assert upkeep(store).search_secrets(lambda _done, _of: None).secrets == 0
    for asks in (lambda: upkeep(store).rotate_key(print), lambda: upkeep(store).drop_old_keys(dry_run=True)):
        with pytest.raises(Exception, match="no encryption key here"):
            asks()
