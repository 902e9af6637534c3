from dataclasses import replace
from math import inf
from time import time

from fakes.keys import client_key, clients_of
from fakes.loop import on_loop
from fakes.serving import namespace, served, snapshot
from fakes.waiting import until

from reconciler.gateway.dispatch.alarms import Alarms
from reconciler.gateway.endpoints.under_way import UnderWay
from reconciler.secrets.key_text import mint
from reconciler.snapshot.clients import Clients, Credential
from reconciler.snapshot.model import Snapshot

ONE, TWO = mint("rk"), mint("rk")
BOTH = clients_of(client_key("one", ONE), client_key("two", TWO))


class Asking:
    def __init__(self, credential: Credential | None, under_way: UnderWay) -> None:
        self.credential = credential
        self._under_way = under_way
        self.times = 0

    def revoked(self) -> None:
        self.times += 1
        self._under_way.discard(self)


def in_force(clients: Clients) -> Snapshot:
    return replace(snapshot(namespace(served("m"))), clients=clients)


@on_loop
async def test_who_has_no_key_any_more_is_told_once() -> None:
    under_way = UnderWay(Alarms())
    under_way.published(in_force(BOTH))
    one, two = (Asking(BOTH.credentials[key.id.encode()], under_way) for key in (ONE, TWO))
    for each in (one, two):
        under_way.add(each, inf)
    under_way.published(in_force(BOTH))
    under_way.published(in_force(clients_of(client_key("one", ONE))))
    under_way.published(in_force(clients_of()))
    assert (one.times, two.times) == (1, 1)


@on_loop
async def test_who_left_hears_nothing() -> None:
    under_way = UnderWay(Alarms())
    one = Asking(BOTH.credentials[ONE.id.encode()], under_way)
    under_way.add(one, inf)
    under_way.discard(one)
    under_way.published(in_force(clients_of()))
    assert one.times == 0


@on_loop
async def test_a_key_that_expires_ends_what_is_under_way_with_it() -> None:
    under_way, credential = UnderWay(Alarms()), BOTH.credentials[ONE.id.encode()]
    now = time()
    soon, later, never = (
        Asking(replace(credential, until=at), under_way) for at in (now + 0.01, now + 0.03, now + 3600)
    )
    for each in (never, later, soon):
        assert each.credential is not None
        under_way.add(each, each.credential.until)
    await until(lambda: bool(soon.times and later.times), "both to end")
    assert (soon.times, later.times, never.times) == (1, 1, 0)
    under_way.discard(never)
    under_way.due()
