from dataclasses import replace

import pytest
from fakes.states import TIME, stored
from fakes.workshop import remote, secret

from reconciler.json_types import JsonObject
from reconciler.resources.resource import FieldManager, StoredResource
from reconciler.secrets.resolver import Trust
from reconciler.snapshot.trust import carries, trust

A, B, ADA, API = "git:a", "git:b", "cli:ada", "api:ada"
DATA: tuple[str, ...] = ("data", "ONE")


def managed(resource: StoredResource, *entries: tuple[str, tuple[str, ...]]) -> StoredResource:
    """With managers, each of one field of the spec. The source is another: it must not count."""
    made = []
    for manager, field in entries:
        fields: JsonObject = {}
        for name in reversed(("spec", *field)):
            fields = {f"f:{name}": fields}
        made.append(FieldManager(manager, "Apply", fields, TIME))
    return replace(resource, managed_fields=tuple(made), source="a")


def decided(
    *,
    data: tuple[str, ...] = (A,),
    hosts: tuple[str, ...] = (),
    url: tuple[str, ...] = (A,),
    reference: tuple[str, ...] = (A,),
) -> Trust:
    """What is decided where these manage the fields."""
    keys = managed(
        stored(secret(ONE="x")),
        *((manager, DATA) for manager in data),
        *((manager, ("hosts",)) for manager in hosts),
    )
    provider = managed(
        stored(remote()),
        *((manager, ("config", "baseURL")) for manager in url),
        *((manager, ("config", "apiKey")) for manager in reference),
        (B, ("config", "timeout")),
    )
    return trust(provider, "apiKey", keys, "ONE")


@pytest.mark.parametrize(
    ("url", "reference", "may"),
    [
        ((A,), (A,), True),
        ((ADA,), (A,), True),
        ((A,), (ADA, A), True),
        ((ADA,), ("cli:bob",), True),
        ((B,), (B,), False),
        ((A,), (B,), False),
        ((B,), (A,), False),
        ((A, B), (A,), False),
        ((A,), (A, B), False),
        ((A,), (API,), False),
        ((), (A,), False),
        ((A,), (), False),
    ],
)
def test_the_values_source_or_somebody_here_alone_says_where_it_goes(
    url: tuple[str, ...], reference: tuple[str, ...], may: bool
) -> None:
    assert decided(url=url, reference=reference).resource is may


@pytest.mark.parametrize(
    ("hosts", "count"),
    [
        ((A,), True),
        ((ADA,), True),
        ((A, ADA), True),
        ((B,), False),
        ((A, B), False),
        ((API,), False),
        ((), False),
    ],
)
def test_hosts_count_where_they_are_its_word(hosts: tuple[str, ...], count: bool) -> None:
    assert decided(hosts=hosts).hosts is count


def test_a_value_that_two_sources_declare_is_neithers() -> None:
    assert decided(data=(A, B), hosts=(A,)) == Trust(hosts=False, resource=False)
    assert decided(data=(A, B), hosts=(ADA,), url=(ADA,), reference=(ADA,)) == Trust(
        hosts=True, resource=True
    )


@pytest.mark.parametrize("data", [(ADA,), (API,), ()])
def test_a_value_of_no_source_goes_where_somebody_here_says(data: tuple[str, ...]) -> None:
    assert decided(data=data, hosts=(A,)) == Trust(hosts=False, resource=False)
    assert decided(data=data, hosts=(ADA,), url=(ADA,), reference=(ADA,)) == Trust(hosts=True, resource=True)


def test_the_source_is_that_of_the_entry_alone() -> None:
    keys = managed(stored(secret(ONE="x", TWO="y")), (A, DATA), (B, ("data", "TWO")))
    provider = managed(stored(remote()), (A, ("config", "baseURL")), (A, ("config", "apiKey")))
    assert trust(provider, "apiKey", keys, "ONE").resource
    assert not trust(provider, "apiKey", keys, "TWO").resource


@pytest.mark.parametrize(
    ("tls", "may"), [((), True), ((A,), True), ((A, ADA), True), ((A, B), False), ((B,), False)]
)
def test_whom_the_host_has_to_be_is_a_part_of_where_it_goes(tls: tuple[str, ...], may: bool) -> None:
    provider = managed(
        stored(remote()),
        (A, ("config", "baseURL")),
        (A, ("config", "tls", "key")),
        *((manager, ("config", "tls", "serverName")) for manager in tls),
    )
    keys = managed(stored(secret(ONE="x")), (A, DATA))
    assert trust(provider, "tls.key", keys, "ONE").resource is may


@pytest.mark.parametrize(
    ("own", "url", "tls", "may"),
    [
        ((A,), (A,), (), True),
        ((A,), (A, ADA), (), True),
        ((API,), (API,), (), True),
        ((ADA,), (A,), (), True),
        ((ADA,), (ADA,), (ADA,), True),
        ((A, B), (B,), (), True),
        ((), (A,), (), True),
        ((A,), (), (), True),
        ((A,), (API,), (), False),
        ((A,), (A, API), (), False),
        ((ADA,), (API,), (), False),
        ((API,), (A,), (), False),
        ((A,), (B,), (), False),
        ((A,), (A,), (API,), False),
        ((A, API), (API,), (), False),
        ((ADA, API), (API,), (), False),
    ],
)
def test_a_providers_own_value_follows_no_address_that_others_write(
    own: tuple[str, ...], url: tuple[str, ...], tls: tuple[str, ...], *, may: bool
) -> None:
    provider = managed(
        stored(remote()),
        *((manager, ("config", "apiKey")) for manager in own),
        *((manager, ("config", "baseURL")) for manager in url),
        *((manager, ("config", "tls", "ca")) for manager in tls),
    )
    assert carries(provider, "apiKey") is may


@pytest.mark.parametrize(
    ("managers", "may"),
    [
        (((A, ("type",)), (A, ("config", "apiKey"))), True),
        (((B, ("type",)), (A, ("config", "apiKey"))), False),
        (((A, ("type",)), (B, ("config", "baseURL")), (A, ("config", "apiKey"))), False),
    ],
)
def test_where_nobody_writes_the_address_its_type_says_it(
    managers: tuple[tuple[str, tuple[str, ...]], ...], may: bool
) -> None:
    provider = managed(stored(remote()), *managers)
    assert trust(provider, "apiKey", managed(stored(secret(ONE="x")), (A, DATA)), "ONE").resource is may
    assert carries(provider, "apiKey") is may
