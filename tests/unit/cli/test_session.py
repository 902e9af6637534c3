from pathlib import Path

import click
import pytest

from reconciler.cli.session import Session
from reconciler.errors import StoreError
from reconciler.remote.server import Told


def test_the_store_is_found_by_option_then_environment() -> None:
    assert Session({"ROUTERCTL_DB": "/env/r.db"}).location.config_path == Path("/env/r.db")
    session = Session({"ROUTERCTL_DB": "/env/r.db"}, db="sqlite:////given/r.db")
    assert session.location.config_path == Path("/given/r.db")
    assert session.state_folder == Path("/given")


def test_a_suggested_command_works_on_the_same_store() -> None:
    assert Session({}).program == "routerctl"
    assert Session({"ROUTERCTL_DB": "/env/r.db"}).program == "routerctl"
    assert Session({}, db="/a b/r.db").program == "routerctl --db '/a b/r.db'"


def test_a_store_of_another_type() -> None:
    with pytest.raises(StoreError):
        _ = Session({}, db="mysql://user:canary@host/db").location


def test_of_a_server_there_is_no_place_here() -> None:
    session = Session({}, told=Told("https://router.example"))
    assert session.is_remote
    assert session.program == "routerctl --server https://router.example"
    with_files = Session({}, told=Told("https://h", token_file="a b", ca="ca.pem"))
    assert with_files.program == "routerctl --server https://h --token-file 'a b' --server-ca ca.pem"
    with pytest.raises(click.UsageError, match="leave --server out"):
        _ = session.location
    by_variable = Session({"ROUTERCTL_SERVER": "https://h"}, told=Told("https://h"))
    with pytest.raises(click.UsageError, match="unset ROUTERCTL_SERVER"):
        _ = by_variable.state_folder


def test_a_connection_is_made_when_it_is_needed_and_closed_once() -> None:
    session = Session({}, told=Told("http://127.0.0.1:1"))
    session.close()
    assert session.asked is session.asked
    session.close()
    with pytest.raises(RuntimeError):
        _ = Session({}).connection


def test_who_works_here_is_the_systems_word_and_for_whom_is_their_own() -> None:
    caller = Session({}, acting_as="ada").caller
    assert caller.is_local
    assert caller.acting_as == "ada"
