import ssl
from datetime import UTC, datetime

from reconciler.gateway.transport.factories import factories
from reconciler.provider_types.catalog import PROVIDER_TYPES


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


def test_every_provider_type_names_a_transport_of_the_table() -> None:
    table = factories(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), FixedClock())
    assert {provider_type.transport for provider_type in PROVIDER_TYPES.values()} <= set(table)
