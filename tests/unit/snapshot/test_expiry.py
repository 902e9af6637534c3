from datetime import UTC, datetime, timedelta

import pytest

from reconciler.errors import Expired
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.expiry import Expiries, expiry_of

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY, OTHER = ResourceKey("Provider", "default", "a"), ResourceKey("Provider", "default", "b")


def test_when_it_ends_is_read_as_it_is_written() -> None:
    assert expiry_of({"expiresAt": "2026-11-22T00:00:00Z"}) == NOW
    assert expiry_of({}) is None


def test_what_has_ended_is_refused_and_what_ends_is_told_once() -> None:
    expiries = Expiries()
    with pytest.raises(Expired, match=r"expired \(2026-11-22T00:00:00Z\)"):
        expiries.check(KEY, NOW, NOW)
    expiries.check(KEY, NOW + HOUR, NOW)
    expiries.check(OTHER, NOW + HOUR, NOW)
    expiries.check(OTHER, None, NOW)
    assert expiries.due(NOW) == []
    assert expiries.due(NOW + HOUR) == [KEY]
    assert expiries.due(NOW + HOUR) == []
