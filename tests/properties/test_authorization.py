"""Whatever stands in Authorization, at either listener: one text opens, as a whole, and nothing of what was sent comes back."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from fakes.doors import House, scope
from fakes.in_process import Answers, Wire
from fakes.keys import client_key, clients_of
from fakes.serving import candidate, namespace, served, simulator, snapshot
from fakes.waiting import until
from hypothesis import given
from hypothesis import strategies as st

from reconciler.gateway.app import DataPlane, data_plane
from reconciler.gateway.telemetry import Telemetry
from reconciler.gateway.transport.pool import TransportPool
from reconciler.listener.access import Access, AccessRefused
from reconciler.secrets.key_text import KeyText, mint
from reconciler.snapshot.registry import Registry

KEY = mint("rk")
SCHEME = b"Bearer "
BODY = b'{"model": "m", "messages": [{"role": "user", "content": "hello"}]}'
BYTES = st.binary(max_size=80)
PRINTABLE = st.text("".join(map(chr, range(32, 127))), max_size=80).map(str.encode)


@st.composite
def near(draw: st.DrawFn, right: bytes) -> bytes:
    """Not far from what is right, and sometimes just that."""
    text = bytearray(right)
    for _ in range(draw(st.integers(0, 2))):
        at, end = draw(st.integers(0, len(text))), draw(st.integers(0, 3))
        put = draw(
            st.sampled_from(
                [
                    b"",
                    b" ",
                    b"\t",
                    b",",
                    b"'",
                    b"\xff",
                    b"-",
                    b"%20",
                    b"=",
                    b"A",
                    bytes(text[at : at + 1]).swapcase(),
                    right,
                ]
            )
        )
        text[at : at + end] = put
    return bytes(text)


def values(right: bytes) -> st.SearchStrategy[list[bytes]]:
    one = st.one_of(
        near(right),
        near(right),
        BYTES,
        PRINTABLE,
        BYTES.map(lambda more: SCHEME + more),
        BYTES.map(lambda more: right + more),
    )
    return st.lists(one, min_size=1, max_size=2)


def plane() -> DataPlane:
    made = snapshot(namespace(served("m", candidate(simulator("sim", text="ok")))))
    registry = Registry()
    registry.publish(replace(made, clients=clients_of(client_key("team", KEY))))
    return data_plane(registry, TransportPool(), Telemetry())


@given(values(SCHEME + KEY.text.encode()), st.sampled_from([b"POST /v1/chat/completions", b"GET /v1/models"]))
def test_at_the_data_plane(given_values: list[bytes], line: bytes) -> None:
    """Asked by a client that goes on: what was refused is not the next one's."""
    right = SCHEME + KEY.text.encode()

    async def whole() -> None:
        wire = Wire(plane())
        lines = b"".join(b"authorization: %b\r\n" % value for value in given_values)
        head = b"%b HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n%bcontent-length: %d\r\n\r\n%b"
        wire.send(head % (line, lines, len(BODY), BODY))
        await until(lambda: Answers(wire.received).whole, "the answer")
        status, _, _ = Answers(wire.received).whole[0]
        if given_values == [right]:
            assert status == 200
        elif [value.strip(b" \t") for value in given_values] != [
            right
        ]:  # blanks around it mean nothing, or too much
            assert status in {400, 401, 404, 405}
            assert KEY.text[16:].encode() not in wire.received
        wire.leave()

    asyncio.run(whole())


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, KeyText]]:
    made = House(tmp_path_factory.mktemp("house") / "store.db")
    minted, _ = made.token()
    with closing(made.reader):
        yield made, minted


@given(st.data())
def test_at_the_management_listener(house: tuple[House, KeyText], data: st.DataObject) -> None:
    made, minted = house
    right = SCHEME + minted.text.encode()
    given_values = data.draw(values(right))
    headers = [("Authorization", value.decode("latin-1")) for value in given_values]

    async def whole() -> None:
        if given_values == [right]:
            await made.door.check(scope(*headers), Access.VIEWER)
            return
        with pytest.raises(AccessRefused) as refused:
            await made.door.check(scope(*headers), Access.VIEWER)
        verdict = refused.value.verdict
        assert verdict.status in {401, 403}
        assert minted.text[16:] not in repr(verdict)

    asyncio.run(whole())
