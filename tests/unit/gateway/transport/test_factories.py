import ssl
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes.programs import program, script
from fakes.serving import candidate

from reconciler.gateway.transport.factories import factories
from reconciler.gateway.transport.process.transport import ProcessTransport
from reconciler.provider_types.catalog import PROVIDER_TYPES


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


def test_every_provider_type_names_a_transport_of_the_table() -> None:
    table = factories(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), FixedClock())
    assert {provider_type.transport for provider_type in PROVIDER_TYPES.values()} <= set(table)


@pytest.mark.parametrize("transport", ["process", "simulator"])
def test_what_was_not_built_for_it_has_no_such_transport(transport: str) -> None:
    table = factories(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), FixedClock())
    with pytest.raises(TypeError):
        table[transport](replace(candidate("p").upstream, transport=transport))


def test_a_program_has_one(tmp_path: Path) -> None:
    table = factories(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), FixedClock())
    run = program(script(tmp_path, "tool", "cat"))
    assert isinstance(table["process"](replace(candidate("p").upstream, program=run)), ProcessTransport)
