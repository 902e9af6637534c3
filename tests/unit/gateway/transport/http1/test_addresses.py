import asyncio
import socket
from collections.abc import Sequence
from typing import Any

import pytest
from fakes.loop import on_loop
from fakes.waiting import until

from reconciler.gateway.transport.http1.addresses import Address, Addresses

V4_A: Address = (socket.AF_INET, ("192.0.2.1", 80))
V4_B: Address = (socket.AF_INET, ("192.0.2.2", 80))
V6_A: Address = (socket.AF_INET6, ("2001:db8::1", 80, 0, 0))
V6_B: Address = (socket.AF_INET6, ("2001:db8::2", 80, 0, 0))


class Resolver:
    """Stands for the system's: `answers` are given one after the other, the last again and again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: Sequence[Address] | OSError) -> None:
        self._answers = list(answers)
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", self._look_up)

    async def _look_up(self, host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        self.asked += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        await self.gate.wait()
        if isinstance(answer, OSError):
            raise answer
        return [(family, socket.SOCK_STREAM, 6, "", place) for family, place in answer]


@on_loop
async def test_an_address_is_not_looked_up() -> None:
    addresses = Addresses()
    assert await addresses.of("192.0.2.1", 80) == (V4_A,)
    assert await addresses.of("2001:db8::1", 80) == (V6_A,)


def test_families_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    @on_loop
    async def whole() -> None:
        Resolver(monkeypatch, [V6_A, V6_B, V4_A, V4_A, V4_B])
        assert await Addresses().of("host", 80) == (V6_A, V4_A, V6_B, V4_B)
        Resolver(monkeypatch, [V4_A, V4_B, V6_A])
        assert await Addresses().of("host", 80) == (V4_A, V6_A, V4_B)

    whole()


def test_a_name_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    @on_loop
    async def whole() -> None:
        resolver, addresses = Resolver(monkeypatch, [V4_A]), Addresses()
        resolver.gate.clear()
        both = asyncio.gather(addresses.of("host", 80), addresses.of("host", 80))
        await until(lambda: resolver.asked)
        resolver.gate.set()
        assert list(await both) == [(V4_A,), (V4_A,)]
        assert await addresses.of("host", 80) == (V4_A,)
        assert resolver.asked == 1
        await addresses.of("other", 80)
        assert resolver.asked == 2

    whole()


def test_an_old_answer_is_good_until_the_new_one_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    @on_loop
    async def whole() -> None:
        resolver, addresses = Resolver(monkeypatch, [V4_A], [V4_B]), Addresses(fresh_seconds=-1)
        await addresses.of("host", 80)
        resolver.gate.clear()
        for _ in range(3):
            assert await addresses.of("host", 80) == (V4_A,)
        await until(lambda: resolver.asked == 2)
        resolver.gate.set()
        await until(lambda: not addresses._lookups)
        assert await addresses.of("host", 80) == (V4_B,)
        await addresses.aclose()

    whole()


def test_a_refresh_that_fails_leaves_the_old_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    @on_loop
    async def whole() -> None:
        resolver = Resolver(monkeypatch, [V4_A], socket.gaierror(-2, "x"))
        addresses = Addresses(fresh_seconds=-1)
        for _ in range(3):
            assert await addresses.of("host", 80) == (V4_A,)
            await until(lambda: not addresses._lookups)
        assert resolver.asked == 3

    whole()


def test_a_name_that_is_not_found_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    @on_loop
    async def whole() -> None:
        Resolver(monkeypatch, socket.gaierror(-2, "x"), [V4_A])
        addresses = Addresses()
        with pytest.raises(socket.gaierror):
            await addresses.of("host", 80)
        assert await addresses.of("host", 80) == (V4_A,)

    whole()


def test_what_failed_is_tried_last_until_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    @on_loop
    async def whole() -> None:
        Resolver(monkeypatch, [V4_A, V4_B, V6_A])
        addresses = Addresses()
        assert await addresses.of("host", 80) == (V4_A, V6_A, V4_B)
        addresses.failed("host", 80, V4_A)
        addresses.failed("host", 80, V6_A)
        assert await addresses.of("host", 80) == (V4_B, V4_A, V6_A)
        addresses.failed("host", 80, V4_A)
        assert await addresses.of("host", 80) == (V4_B, V6_A, V4_A)
        addresses.worked("host", 80, V4_A)
        assert await addresses.of("host", 80) == (V4_A, V4_B, V6_A)
        addresses.failed("other", 80, V4_A)
        addresses.worked("other", 80, V4_A)

    whole()


def test_what_failed_is_known_over_a_refresh(monkeypatch: pytest.MonkeyPatch) -> None:
    @on_loop
    async def whole() -> None:
        Resolver(monkeypatch, [V4_A, V6_A], [V4_A, V4_B])
        addresses = Addresses(fresh_seconds=-1)
        await addresses.of("host", 80)
        addresses.failed("host", 80, V4_A)
        addresses.failed("host", 80, V6_A)
        await addresses.of("host", 80)
        await until(lambda: not addresses._lookups)
        assert await addresses.of("host", 80) == (V4_B, V4_A)
        await addresses.aclose()

    whole()


def test_who_gives_up_leaves_the_lookup_to_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    @on_loop
    async def whole() -> None:
        resolver, addresses = Resolver(monkeypatch, [V4_A]), Addresses()
        resolver.gate.clear()
        one = asyncio.ensure_future(addresses.of("host", 80))
        other = asyncio.ensure_future(addresses.of("host", 80))
        await until(lambda: resolver.asked)
        one.cancel()
        resolver.gate.set()
        assert await other == (V4_A,)
        resolver.gate.clear()
        left = asyncio.ensure_future(addresses.of("left", 80))
        await until(lambda: resolver.asked == 2)
        await addresses.aclose()
        assert (await asyncio.gather(left, return_exceptions=True))[0].__class__ is asyncio.CancelledError

    whole()
