from dataclasses import replace
from ipaddress import ip_address

import pytest
from fakes.states import stored

from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.snapshot.egress import (
    OPEN,
    Denial,
    Egress,
    Place,
    denied,
    destination,
    egress,
    egress_of_spec,
    entry_line,
)

GUARDED = Egress(guarded=True)


def policy(guarded: bool = True, **egress: object) -> Egress:
    return egress_of_spec({"egress": egress}, guarded=guarded)  # type: ignore[dict-item]  # JSON as tests write it


def denial(policy: Egress, url: str, address: str | None = None) -> Denial | None:
    place = destination({"baseURL": url})
    assert place is not None
    return policy.denial(place, None if address is None else ip_address(address))


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.5", "::1", "fd00::1", "100.64.1.1", "8.8.8.8"])
def test_until_a_token_is_made_this_machine_and_its_networks_are_open(address: str) -> None:
    assert denial(OPEN, "http://llm.lan/v1", address) is None
    assert (denial(GUARDED, "http://llm.lan/v1", address) is None) == (address == "8.8.8.8")


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "64:ff9b::169.254.169.254",
        "2002:a9fe:a9fe::1",
        "fe80::1%eth0",
        "0.0.0.0",
        "::",
        "224.0.0.251",
        "100.100.100.200",
    ],
)
def test_some_addresses_are_refused_whatever_is_allowed(address: str) -> None:
    everything = policy(
        guarded=False, allow=[{"network": "0.0.0.0/0"}, {"network": "::/0"}, {"host": "llm.lan"}]
    )
    for each in (OPEN, GUARDED, everything):
        found = denial(each, "http://llm.lan/v1", address)
        assert found is not None
        assert "no provider may be there" in str(found)
        assert found.entry is None


def test_the_refusal_tells_the_line_to_add() -> None:
    found = denial(GUARDED, "http://llm.lan:8000/v1", "10.0.0.5")
    assert str(found) == (
        "llm.lan is at 10.0.0.5, which is a private address, and Settings.egress.allow does not name it; to allow it, add to "
        "spec.egress.allow of Settings/default: - {host: llm.lan, ports: [8000]}"
    )
    assert "- {network: 127.0.0.1, ports: [1234]}" in str(denial(GUARDED, "http://127.0.0.1:1234/v1"))
    assert '- {network: "fd00::5", ports: [443]}' in str(denial(GUARDED, "https://[fd00::5]/v1"))


@pytest.mark.parametrize(
    "allow",
    [
        {"host": "llm.lan"},
        {"host": "LLM.lan."},
        {"host": "*.lan"},
        {"host": "llm.lan", "ports": [8000]},
        {"network": "10.0.0.0/24"},
        {"network": "10.0.0.5", "ports": [1, 8000]},
    ],
)
def test_what_is_named_is_let(allow: JsonObject) -> None:
    allowed = policy(allow=[allow])
    assert denial(allowed, "http://llm.lan:8000/v1", "10.0.0.5") is None
    assert denial(allowed, "http://llm.lan.:8000/v1", "10.0.0.5") is None


@pytest.mark.parametrize(
    "allow",
    [
        {"host": "lan"},
        {"host": "*.llm.lan"},
        {"host": "other.lan"},
        {"host": "llm.lan", "ports": [80]},
        {"network": "10.0.1.0/24"},
        {"network": "10.0.0.5", "ports": [80]},
        {"network": "::/0"},
    ],
)
def test_what_is_not_named_is_not_let(allow: JsonObject) -> None:
    assert denial(policy(allow=[allow]), "http://llm.lan:8000/v1", "10.0.0.5") is not None


def test_an_address_inside_another_needs_its_own_name() -> None:
    """NAT64 and its like: the public prefix is no way around."""
    assert denial(GUARDED, "http://llm.lan/v1", "64:ff9b::10.0.0.5") is not None
    assert denial(policy(allow=[{"network": "10.0.0.0/8"}]), "http://llm.lan/v1", "64:ff9b::10.0.0.5") is None
    assert denial(policy(allow=[{"network": "10.0.0.0/8"}]), "http://llm.lan/v1", "::ffff:10.0.0.5") is None
    own = "64:ff9b:1::10.0.0.5"  # the prefix, too, is somebody's own
    assert denial(policy(allow=[{"network": "10.0.0.0/8"}]), "http://llm.lan/v1", own) is not None


def test_a_denial_beats_an_allowance() -> None:
    both = policy(allow=[{"network": "10.0.0.0/8"}], deny=[{"network": "10.0.0.5"}])
    assert "Settings.egress.deny names it" in str(denial(both, "http://llm.lan/v1", "10.0.0.5"))
    assert "Settings.egress.deny names it" in str(denial(both, "http://llm.lan/v1", "::ffff:10.0.0.5"))
    assert denial(both, "http://llm.lan/v1", "10.0.0.6") is None
    by_name = policy(guarded=False, allow=[{"host": "a.b"}], deny=[{"host": "*.b", "ports": [443]}])
    assert "is refused" in str(denial(by_name, "https://a.b/v1"))
    assert "is refused" in str(denial(by_name, "https://a.b/v1", "8.8.8.8"))
    assert denial(by_name, "http://a.b/v1", "8.8.8.8") is None


def test_a_list_may_be_all_there_is() -> None:
    listed = policy(guarded=False, onlyAllowed=True, allow=[{"host": "a.b"}, {"network": "8.8.8.0/24"}])
    assert denial(listed, "https://a.b/v1", "1.1.1.1") is None
    assert denial(listed, "https://dns.google/v1", "8.8.8.8") is None
    assert denial(listed, "https://dns.google/v1", "64:ff9b::8.8.8.8") is None
    assert "onlyAllowed is set" in str(denial(listed, "https://c.d/v1", "1.1.1.1"))


def test_a_name_in_punycode_has_to_be_named() -> None:
    url = "https://api.xn--pena-8ra.example/v1"
    assert "may look like another" in str(denial(OPEN, url))
    assert "may look like another" in str(denial(OPEN, url, "8.8.8.8"))
    assert denial(policy(allow=[{"host": "*.xn--pena-8ra.example"}]), url, "8.8.8.8") is None
    assert denial(policy(allow=[{"host": "*.xn--pena-8ra.example"}]), url) is None


def test_what_a_name_alone_tells() -> None:
    assert "metadata service" in str(denial(OPEN, "http://metadata.google.internal/v1"))
    assert denial(OPEN, "http://localhost:1234/v1") is None
    assert "a loopback address" in str(denial(GUARDED, "http://localhost:1234/v1"))
    assert "- {host: app.localhost, ports: [80]}" in str(denial(GUARDED, "http://app.localhost/v1"))
    assert denial(policy(allow=[{"network": "::1"}]), "http://localhost:1234/v1") is None
    assert denial(GUARDED, "http://llm.lan/v1") is None
    assert "127.0.0.1 is a loopback" in str(denial(GUARDED, "http://2130706433/v1"))


def test_what_a_proxy_looks_up_is_judged_as_it_is_written() -> None:
    listed = policy(guarded=False, onlyAllowed=True, allow=[{"host": "a.b"}, {"network": "10.0.0.0/8"}])
    assert listed.of_proxied(Place("a.b", 443)) is None
    assert listed.of_proxied(Place("c.d", 443)) is not None
    assert listed.of_proxied(Place("10.0.0.1", 443)) is None
    assert GUARDED.of_proxied(Place("2130706433", 443)) is not None
    assert GUARDED.of_proxied(Place("llm.lan", 443)) is None


def test_what_can_never_be_reached() -> None:
    by_host = policy(guarded=False, onlyAllowed=True, allow=[{"host": "a.b"}])
    assert by_host.unreachable(Place("c.d", 443)) is not None
    by_network = policy(guarded=False, onlyAllowed=True, allow=[{"network": "8.8.8.0/24"}])
    assert by_network.unreachable(Place("c.d", 443)) is None
    assert by_network.unreachable(Place("1.1.1.1", 443)) is not None
    assert by_network.unreachable(Place("metadata.goog", 443)) is not None


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://A.b/v1", Place("a.b", 80)),
        ("https://a.b:8443", Place("a.b", 8443)),
        ("HTTPS://[::1]/v1", Place("::1", 443)),
        ("http://a.b:x/", None),
        ("", None),
    ],
)
def test_where_a_provider_is(url: str, place: Place | None) -> None:
    assert destination({"baseURL": url}) == place


def test_what_has_no_base_url_is_nowhere() -> None:
    assert destination({}) is None
    assert denied(stored(provider({})), GUARDED) is None
    assert denied(stored(provider(None)), GUARDED) is None
    assert denied(stored(provider({"baseURL": "http://10.0.0.1/"})), GUARDED) is not None


def provider(config: JsonObject | None) -> Resource:
    spec: JsonObject = {"type": "openai-compatible"} if config is None else {"config": config}
    return Resource(ResourceKey("Provider", "default", "p"), spec)


def settings(spec: JsonObject, namespace: str = "default") -> dict[ResourceKey, StoredResource]:
    key = ResourceKey("Settings", namespace, "default")
    return {key: stored(Resource(key, spec))}


def test_the_settings_of_the_namespace_default_decide() -> None:
    told: JsonObject = {"egress": {"deny": [{"host": "a.b"}]}}
    assert egress(settings(told)).deny
    assert egress(settings(told, "team-a")) == OPEN
    assert egress({}) == OPEN
    assert egress({}, guarded=True) == GUARDED
    assert egress(settings({"egress": "not valid"})) == OPEN
    assert egress(settings({"egress": {"allow": ["x", {}]}})) == OPEN


def test_who_lets_others_in_without_a_token_is_guarded_as_well() -> None:
    told: JsonObject = {"auth": {"management": {"clientCertificates": {"ci.example": "operator"}}}}
    assert egress(settings(told)) == replace(OPEN, guarded=True)


def test_an_entry_on_one_line_is_yaml() -> None:
    assert entry_line({"host": "*.lan", "ports": [1, 2]}) == '- {host: "*.lan", ports: [1, 2]}'
