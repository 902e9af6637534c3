import pytest

from reconciler.control.credentials_valid import SOON_SECONDS, credentials_valid
from reconciler.json_types import JsonValue

END = 1_796_083_200.0  # 2026-12-01T00:00:00Z
CONFIG: JsonValue = {"expiresAt": "2026-12-01T00:00:00Z"}


def test_what_says_no_end_has_no_condition() -> None:
    assert credentials_valid({}, END) is None
    assert credentials_valid(None, END) is None
    assert credentials_valid({"expiresAt": "soon"}, END) is None


@pytest.mark.parametrize(
    ("now", "status", "reason", "words", "since"),
    [
        (END - SOON_SECONDS - 1, "True", "Valid", "until 2026-12-01T00:00:00Z", None),
        (END - 7200, "True", "ExpiresSoon", "in 2 h; renew", END - SOON_SECONDS),
        (END, "False", "Expired", "have expired at 2026-12-01T00:00:00Z; renew", END),
    ],
)
def test_it_warns_before_they_end(
    now: float, status: str, reason: str, words: str, since: float | None
) -> None:
    found = credentials_valid(CONFIG, now)
    assert found is not None
    assert (found.status, found.reason, found.since) == (status, reason, since)
    assert words in found.message
