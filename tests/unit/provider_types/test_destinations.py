from ipaddress import ip_address, ip_network

import pytest

from reconciler.provider_types.destinations import (
    Zone,
    faces,
    kind_of,
    literal,
    never,
    plain_host,
    worst,
)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("127.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0x7F.0.0.0x1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("0x", "0.0.0.0"),
        ("169.254.43518", "169.254.169.254"),
        ("127.0.0.1.", "127.0.0.1"),
        ("[::1]", "::1"),
        ("::FFFF:10.0.0.1", "::ffff:10.0.0.1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
    ],
)
def test_what_a_resolver_makes_of_a_host_without_asking(host: str, address: str) -> None:
    assert literal(host) == ip_address(address)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "a.1",
        "1.2.3.4.5",
        "256.1",
        "1.256.1",
        "08.1",
        "1..2",
        "",
        "0x1g",
        "4294967296",
        "\u0661.1",
    ],
)
def test_what_is_a_name_or_nothing(host: str) -> None:
    assert literal(host) is None


@pytest.mark.parametrize(
    ("address", "zone", "word"),
    [
        ("8.8.8.8", Zone.PUBLIC, "a public address"),
        ("2606:4700::1111", Zone.PUBLIC, "a public address"),
        ("64:ff9b::808:808", Zone.PUBLIC, "a public address"),
        ("127.9.9.9", Zone.LOCAL, "a loopback address"),
        ("::1", Zone.LOCAL, "a loopback address"),
        ("10.1.2.3", Zone.LOCAL, "a private address"),
        ("172.31.255.255", Zone.LOCAL, "a private address"),
        ("192.168.0.1", Zone.LOCAL, "a private address"),
        ("100.64.0.1", Zone.LOCAL, "a private address"),
        ("fd12::1", Zone.LOCAL, "a private address"),
        ("fec0::1", Zone.LOCAL, "a private address"),
        ("198.18.0.1", Zone.LOCAL, "a reserved address"),
        ("240.0.0.1", Zone.LOCAL, "a reserved address"),
        ("2001:db8::1", Zone.LOCAL, "a reserved address"),
        ("4000::1", Zone.LOCAL, "a reserved address"),
        ("169.254.1.1", Zone.FORBIDDEN, "a link-local address"),
        ("fe80::1", Zone.FORBIDDEN, "a link-local address"),
        ("169.254.169.254", Zone.FORBIDDEN, "the address of a metadata service"),
        ("100.100.100.200", Zone.FORBIDDEN, "the address of a metadata service"),
        ("168.63.129.16", Zone.FORBIDDEN, "the address of a metadata service"),
        ("fd00:ec2::254", Zone.FORBIDDEN, "the address of a metadata service"),
        ("0.0.0.0", Zone.FORBIDDEN, "an unspecified address"),
        ("0.1.2.3", Zone.FORBIDDEN, "an unspecified address"),
        ("::", Zone.FORBIDDEN, "an unspecified address"),
        ("224.0.0.1", Zone.FORBIDDEN, "a multicast address"),
        ("ff02::1", Zone.FORBIDDEN, "a multicast address"),
        ("255.255.255.255", Zone.FORBIDDEN, "a broadcast address"),
    ],
)
def test_what_an_address_is(address: str, zone: Zone, word: str) -> None:
    assert kind_of(ip_address(address)) == (zone, word)


@pytest.mark.parametrize(
    "wrapping",
    [
        "::ffff:{}",
        "::{}",
        "::ffff:0:{}",
        "64:ff9b::{}",
        "64:ff9b:1::{}",
        "2600:1234::5efe:{}",
        "2600:1234::200:5efe:{}",
    ],
)
def test_an_address_inside_another_is_found(wrapping: str) -> None:
    assert worst(ip_address(wrapping.format("169.254.169.254"))).word == "the address of a metadata service"


def test_6to4_and_teredo_are_looked_into() -> None:
    assert worst(ip_address("2002:a9fe:a9fe::1")).zone is Zone.FORBIDDEN
    assert worst(ip_address("2002:0808:0808::1")).zone is Zone.PUBLIC
    hidden = "2001:0:808:808::" + "5601:5601"  # the client 169.254.169.254, inverted
    assert worst(ip_address(hidden)).zone is Zone.FORBIDDEN
    assert len(faces(ip_address(hidden))) == 3


def test_what_is_mapped_is_ipv4_and_nothing_else() -> None:
    assert faces(ip_address("::ffff:10.0.0.1")) == (ip_address("10.0.0.1"),)
    assert faces(ip_address("10.0.0.1")) == (ip_address("10.0.0.1"),)
    assert faces(ip_address("::1")) == (ip_address("::1"),)


def test_hosts_are_compared_without_their_final_dot() -> None:
    assert plain_host("LLM.Example.com.") == "llm.example.com"
    assert plain_host("[::1]") == "::1"


@pytest.mark.parametrize(
    ("network", "word"),
    [
        ("169.254.0.0/16", "a link-local address"),
        ("169.254.0.0/17", "a link-local address"),
        ("169.254.169.254", "the address of a metadata service"),
        ("ff00::/9", "a multicast address"),
        ("0.0.0.0/0", None),
        ("10.0.0.0/8", None),
        ("::/0", None),
    ],
)
def test_networks_that_no_provider_is_in(network: str, word: str | None) -> None:
    assert never(ip_network(network)) == word
