import click
import pytest

from reconciler.cli.tls_options import tls_files, tls_options
from reconciler.listener.tls import TLSFiles


def test_without_options_there_is_none() -> None:
    assert tls_files("--", None, None, None) is None


def test_a_certificate_with_its_key() -> None:
    assert tls_files("--", "c", "k", None) == TLSFiles("c", "k")
    assert tls_files("--", "c", "k", "ca") == TLSFiles("c", "k", "ca", required=True)
    assert tls_files("--admin-", "c", "k", "ca") == TLSFiles("c", "k", "ca", required=False, flag="--admin-")


@pytest.mark.parametrize(
    "given", [("c", None, None), (None, "k", None), (None, None, "ca"), ("c", None, "ca")]
)
def test_half_of_it(given: tuple[str | None, str | None, str | None]) -> None:
    with pytest.raises(click.UsageError, match="--admin-tls-cert FILE and --admin-tls-key FILE"):
        tls_files("--admin-", *given)


def test_each_listener_has_three() -> None:
    @click.command()
    def command() -> None: ...

    for option in tls_options():
        command = option(command)
    assert sorted(name for each in command.params for name in each.opts) == [
        "--admin-client-ca",
        "--admin-tls-cert",
        "--admin-tls-key",
        "--client-ca",
        "--tls-cert",
        "--tls-key",
    ]
