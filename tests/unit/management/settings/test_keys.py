import pytest

from reconciler.management.rest.shapes import InvalidField
from reconciler.management.settings import keys


def test_every_seeded_key_of_the_provider_router_is_known_or_answered() -> None:
    """active_provider, server.*, logging.*, system.*: each means a field, or is refused with what does it instead."""
    assert keys.path_of("active_provider") == ("activeProvider",)
    assert keys.path_of("logging.logResponses") == ("records", "bodies")
    for key in keys.ELSEWHERE:
        with pytest.raises(keys.Elsewhere) as raised:
            keys.path_of(key)
        assert raised.value.hint
    for key in ("nope", "", "records.nope", "records..bodies", "__class__", "auth.management.jwt.issuer.x"):
        with pytest.raises(InvalidField):
            keys.path_of(key)


def test_texts_become_what_the_field_holds() -> None:
    requests, size = ("records", "requests"), ("records", "maxSizeMiB")
    assert keys.value_of(requests, "true") is True
    assert keys.value_of(requests, "yes") == "yes"
    assert keys.value_of(size, "64") == 64
    assert keys.value_of(size, "x") == "x"
    assert keys.value_of(size, 64) == 64
    assert keys.value_of(("defaultModel",), "true") == "true"


def test_what_has_a_value() -> None:
    spec = {"activeProvider": "p", "records": {"bodies": True}, "egress": {"allow": [{"host": "x.example"}]}}
    assert dict(keys.keys_of(spec)) == {  # type: ignore[arg-type]  # a test's own
        "activeProvider": "p",
        "records.bodies": True,
        "egress.allow": [{"host": "x.example"}],
        "active_provider": "p",
        "logging.logResponses": True,
    }
