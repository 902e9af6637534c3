from pathlib import Path

import pytest

from reconciler.cli.session import Session
from reconciler.errors import StoreError


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
