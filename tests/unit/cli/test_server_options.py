from typing import cast

import click
import pytest

from reconciler.cli.server_options import ServerOptions, session_of
from reconciler.errors import InvalidInput

DB, SERVER = "ROUTERCTL_DB", "ROUTERCTL_SERVER"


def given(**told: str) -> ServerOptions:
    names = ("server", "token_file", "server_ca", "client_cert", "client_key", "acting_as")
    return cast("ServerOptions", dict.fromkeys(names) | told)


def test_one_store_is_meant() -> None:
    assert not session_of({}, None, given()).is_remote
    assert not session_of({SERVER: "https://h"}, "s.db", given()).is_remote
    assert session_of({SERVER: "https://h"}, None, given()).is_remote
    assert session_of({DB: "s.db"}, None, given(server="https://h")).is_remote


@pytest.mark.parametrize(
    ("environ", "db", "told"),
    [
        ({}, "s.db", given(server="https://h")),
        ({DB: "s.db", SERVER: "https://h"}, None, given()),
        ({}, None, given(token_file="t")),
        ({}, "s.db", given(server_ca="ca.pem")),
    ],
)
def test_two_stores_are_too_many(environ: dict[str, str], db: str | None, told: ServerOptions) -> None:
    with pytest.raises(click.UsageError):
        session_of(environ, db, told)


def test_all_that_is_said_of_a_server_is_kept() -> None:
    told = given(server="https://h", token_file="t", client_cert="c", client_key="k", acting_as="ada")
    found = session_of({}, None, told).told
    assert found is not None
    assert (found.url, found.token_file, found.cert, found.key, found.acting_as) == (
        "https://h",
        "t",
        "c",
        "k",
        "ada",
    )


def test_whoever_is_acted_for_has_a_name() -> None:
    assert session_of({}, None, given(acting_as="on-call")).caller.acting_as == "on-call"
    for odd in ("", " ", "a\nb", "x" * 129):
        with pytest.raises(InvalidInput, match="printable"):
            session_of({}, None, given(acting_as=odd))
