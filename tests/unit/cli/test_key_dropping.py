from pathlib import Path

import pytest

from reconciler.cli.key_dropping import drop_older, need_lines
from reconciler.cli.session import Session
from reconciler.control.rotation import Need
from reconciler.errors import Refused
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.keys import Keyring, MasterKey

RING = Keyring([MasterKey(bytes(32)), MasterKey(bytes(range(32)))])


def test_what_needs_a_key_is_listed_as_far_as_that_helps() -> None:
    needs = [
        Need(ResourceKey("Secret", "default", "s"), f"spec.data.K{n}", "id", now=True) for n in range(25)
    ]
    lines = need_lines(tuple(needs))
    assert lines[0] == "  Secret/s spec.data.K0  (sealed to id)"
    assert (len(lines), lines[-1]) == (21, "  and 5 more")
    assert need_lines(tuple(needs[:20]))[-1] == "  Secret/s spec.data.K19  (sealed to id)"


def test_without_a_file_or_an_older_key_there_is_nothing_to_drop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = Session({}, str(tmp_path / "store.db"))
    with pytest.raises(Refused, match="can't be changed from here"):
        drop_older(session, RING, None, yes=True)
    drop_older(session, Keyring([RING.current]), tmp_path / "key", yes=True)
    assert capsys.readouterr().out == f"There is no older key in {tmp_path / 'key'}.\n"
