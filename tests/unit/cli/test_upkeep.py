from dataclasses import replace
from pathlib import Path

import click
import pytest

from reconciler.bootstrap.upkeep.local import LocalUpkeep
from reconciler.cli.session import Session
from reconciler.cli.upkeep import reach_of, upkeep_of
from reconciler.remote.server import Told
from reconciler.remote.upkeep import RemoteUpkeep


def test_it_is_done_where_the_store_is(tmp_path: Path) -> None:
    here = Session({}, str(tmp_path / "store.db"), acting_as="eve")
    local = upkeep_of(here, beside=[tmp_path])
    assert isinstance(local, LocalUpkeep)
    assert (local.who.acting_as, local.beside, local.program) == ("eve", [tmp_path], here.program)
    assert str(tmp_path / "secrets") in local.reach.file_folders
    there = replace(here, db=None, told=Told("http://127.0.0.1:1"))
    assert isinstance(upkeep_of(there), RemoteUpkeep)


def test_what_a_server_reaches_is_not_said_here(tmp_path: Path) -> None:
    here = Session({}, str(tmp_path / "store.db"))
    reach = reach_of(here, ("X_*",), ("/a",), ("/bin/true",), ("/work",))
    assert reach is not None
    assert "X_*" in reach.env_globs
    assert (reach.executables, reach.work_folders) == (("/bin/true",), ("/work",))
    there = Session({}, told=Told("http://127.0.0.1:1"))
    assert reach_of(there, (), ()) is None
    for given in ((("X",), ()), ((), ("/a",)), ((), (), ("/b",)), ((), (), (), ("/c",))):
        with pytest.raises(click.UsageError, match="a server goes by its own"):
            reach_of(there, *given)
