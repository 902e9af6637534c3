from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reconciler.api.upkeep import Dropped, Upkeep
from reconciler.cli.confirming import Declined
from reconciler.cli.key_dropping import drop_older

KEY = Path("/state/store.key")


@dataclass
class Keys:
    would: Dropped
    asked: list[bool] = field(default_factory=list)

    def drop_old_keys(self, *, dry_run: bool) -> Dropped:
        self.asked.append(dry_run)
        return self.would


def dropping(keys: Keys, *, yes: bool = False) -> None:
    kept: Any = keys
    upkeep: Upkeep = kept
    drop_older(upkeep, yes=yes)


def test_without_an_older_key_there_is_nothing_to_drop(capsys: pytest.CaptureFixture[str]) -> None:
    keys = Keys(Dropped(KEY, "new"))
    dropping(keys)
    assert keys.asked == [True]
    assert capsys.readouterr().out == f"There is no older key in {KEY}.\n"


def test_what_would_be_closed_is_asked_first(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("click.confirm", lambda *_, **__: False)
    keys = Keys(Dropped(KEY, "new", ("old",), 2))
    with pytest.raises(Declined):
        dropping(keys)
    assert keys.asked == [True]
    dropping(keys, yes=True)
    dropping(Keys(Dropped(KEY, "new", ("old",))))
    assert keys.asked == [True, True, False]
    assert "removed: old. Backups from before need them." in capsys.readouterr().out
