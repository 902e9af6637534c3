"""Options of the commands that serve: TLS of the two listeners."""

from collections.abc import Callable
from typing import TypeVar

import click

from reconciler.listener.tls import TLSFiles

F = TypeVar("F", bound=Callable[..., object])


def tls_files(flag: str, cert: str | None, key: str | None, client_ca: str | None) -> TLSFiles | None:
    """`flag` is what the options begin with. None where none of them was given. Raises click.UsageError."""
    if cert is not None and key is not None:
        return TLSFiles(cert, key, client_ca, required=flag == "--", flag=flag)
    if cert is None and key is None and client_ca is None:
        return None
    raise click.UsageError(
        f"a listener with TLS has {flag}tls-cert FILE and {flag}tls-key FILE, both of them"
    )


def tls_options() -> list[Callable[[F], F]]:
    return [
        _file(
            "--tls-cert",
            "Speak TLS to LLM clients with this certificate, in PEM with those that lead to its authority.",
        ),
        _file(
            "--tls-key", "Its private key, which nobody else may read. Both are read again when they change."
        ),
        _file("--client-ca", "Talk to LLM clients alone that have a certificate of these authorities."),
        _file("--admin-tls-cert", "As --tls-cert, for status and metrics."),
        _file("--admin-tls-key", "As --tls-key."),
        _file(
            "--admin-client-ca",
            "Know clients there by certificates of these authorities, where they have one.",
        ),
    ]


def _file(flag: str, words: str) -> Callable[[F], F]:
    return click.option(flag, metavar="FILE", help=words)
