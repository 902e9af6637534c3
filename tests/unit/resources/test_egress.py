import pytest
from pydantic import ValidationError

from reconciler.resources.egress import Egress


def refusal(written: object) -> str:
    with pytest.raises(ValidationError) as raised:
        Egress.model_validate(written)
    return " ".join(error["msg"] for error in raised.value.errors(include_url=False))


def test_what_it_takes() -> None:
    written = {
        "allow": [
            {"host": "ollama.lan", "ports": [11434]},
            {"host": "*.example.com"},
            {"network": "10.0.0.5"},
            {"network": "fd00::/8", "ports": [1, 65535]},
            {"network": "0.0.0.0/0"},
        ],
        "deny": [{"network": "169.254.0.0/16"}],
        "onlyAllowed": True,
    }
    assert Egress.model_validate(written).model_dump(exclude_none=True) == written
    assert Egress().model_dump() == {"allow": [], "deny": [], "onlyAllowed": False}


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({}, "exactly one of host, network"),
        ({"host": "a.b", "network": "10.0.0.1"}, "exactly one of host, network"),
        ({"host": "10.0.0.1"}, "write it as network"),
        ({"host": "2130706433"}, "write it as network"),
        ({"host": "::1"}, "write it as network"),
        ({"host": "10.0.0.0/8"}, "write it as network"),
        ({"host": "a b"}, "the name of a host"),
        ({"host": "*"}, "the name of a host"),
        ({"host": "a.*.b"}, "the name of a host"),
        ({"host": "a..b"}, "the name of a host"),
        ({"host": "https://a.b"}, "write the host alone"),
        ({"network": "10.0.0.1/8"}, "host bits are zero"),
        ({"network": "10.1"}, "host bits are zero"),
        ({"network": "a.b"}, "host bits are zero"),
        ({"network": "fe80::1%eth0"}, "no zone"),
        ({"network": "::ffff:10.0.0.1"}, "write the IPv4 network"),
        ({"network": "169.254.169.254"}, "the address of a metadata service is never a provider's"),
        ({"network": "169.254.0.0/16"}, "a link-local address is never a provider's"),
        ({"network": "10.0.0.0/8", "ports": []}, "at least 1"),
        ({"network": "10.0.0.0/8", "ports": [0]}, "greater than or equal to 1"),
        ({"network": "10.0.0.0/8", "ports": [65536]}, "less than or equal to 65535"),
        ({"network": "10.0.0.0/8", "ports": ["80"]}, "valid integer"),
        ({"network": "10.0.0.0/8", "port": 80}, "not permitted"),
    ],
)
def test_what_it_does_not_take(entry: object, words: str) -> None:
    assert words in refusal({"allow": [entry]})


def test_what_is_never_a_providers_may_be_denied_all_the_same() -> None:
    assert Egress.model_validate({"deny": [{"network": "fe80::/10"}]}).deny
