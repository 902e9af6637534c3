import asyncio
from collections.abc import Coroutine

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.listener.cork import HELD, Cork, Corked


class Wire(asyncio.Transport):
    """Keeps what is written; `fails` at the next write."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.closed = self.aborted = self.eof = self.closing = False
        self.fails: Exception | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self.fails is not None:
            raise self.fails
        self.sent.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.closing

    def write_eof(self) -> None:
        self.eof = True

    def get_write_buffer_size(self) -> int:
        return 7


def several(count: int = 2) -> tuple[list[Wire], list[Corked]]:
    """Connections of one cork."""
    cork, wires = Cork(), [Wire() for _ in range(count)]
    return wires, [Corked(wire, cork) for wire in wires]


def run(turns: Coroutine[object, object, None]) -> None:
    asyncio.run(turns)


async def end_of_turn() -> None:
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def test_who_is_alone_is_sent_to_at_once() -> None:
    (wire,), (corked,) = several(1)
    corked.write(b"now")
    assert wire.sent == [b"now"]


def test_what_several_get_goes_out_at_the_end_of_the_turn_each_in_one_piece() -> None:
    async def turn() -> None:
        wires, corked = several(3)
        corked[1].write(b"a ")
        corked[0].write(b"b")
        corked[1].write(memoryview(b"word"))
        assert [wire.sent for wire in wires] == [[], [], []]
        await end_of_turn()
        assert [wire.sent for wire in wires] == [[b"b"], [b"a word"], []]
        corked[2].write(b"next")
        await end_of_turn()
        assert [wire.sent for wire in wires] == [[b"b"], [b"a word"], [b"next"]]

    run(turn())


def test_what_is_written_while_others_are_sent_to_waits_for_the_next_turn() -> None:
    async def turn() -> None:
        wires, corked = several()
        loop = asyncio.get_running_loop()
        corked[0].write(b"first")
        loop.call_soon(corked[0].write, b"second")
        await end_of_turn()
        await end_of_turn()
        assert wires[0].sent == [b"first", b"second"]

    run(turn())


@given(st.lists(st.one_of(st.binary(max_size=40), st.integers(1, 3 * HELD).map(bytes)), max_size=12))
def test_every_byte_comes_once_and_in_order(pieces: list[bytes]) -> None:
    async def turn() -> None:
        (wire, _), (corked, _) = several()
        for piece in pieces:
            corked.write(piece)
            assert corked.get_write_buffer_size() - 7 <= HELD
        await end_of_turn()
        assert b"".join(wire.sent) == b"".join(pieces)
        assert corked.get_write_buffer_size() == 7

    run(turn())


def test_much_goes_out_at_once_so_that_flow_control_is_asked() -> None:
    async def turn() -> None:
        (wire, _), (corked, _) = several()
        corked.write(b"head")
        corked.write(bytes(HELD))
        assert wire.sent == [b"head", bytes(HELD)]
        await end_of_turn()
        assert wire.sent == [b"head", bytes(HELD)]

    run(turn())


def test_a_close_sends_what_is_held_first_and_so_does_the_end_of_writing() -> None:
    async def turn() -> None:
        wires, corked = several()
        corked[0].write(b"last")
        corked[0].close()
        corked[1].write(b"last")
        corked[1].write_eof()
        assert [wire.sent for wire in wires] == [[b"last"], [b"last"]]
        assert wires[0].closed
        assert wires[1].eof
        await end_of_turn()
        assert [wire.sent for wire in wires] == [[b"last"], [b"last"]]

    run(turn())


def test_an_abort_drops_it_and_so_does_the_end_of_the_connection() -> None:
    async def turn() -> None:
        wires, corked = several(3)
        for each in corked:
            each.write(b"held")
        corked[0].abort()
        corked[1].lost()
        wires[2].closing = True
        await end_of_turn()
        assert [wire.sent for wire in wires] == [[], [], []]
        assert wires[0].aborted
        assert not wires[2].aborted

    run(turn())


@pytest.mark.parametrize("error", [OSError("no route"), RuntimeError("the handler is closed"), KeyError()])
def test_one_that_can_not_be_written_to_ends_and_keeps_nobody_from_theirs(error: Exception) -> None:
    async def turn() -> None:
        wires, corked = several()
        wires[0].fails = error
        for each in corked:
            each.write(b"held")
        await end_of_turn()
        assert wires[0].aborted
        assert wires[1].sent == [b"held"]

    run(turn())


def test_who_is_left_alone_again_is_sent_to_at_once() -> None:
    async def turn() -> None:
        (wire, _), (corked, other) = several()
        corked.write(b"held ")
        other.lost()
        corked.write(b"behind it")
        assert wire.sent == []
        await end_of_turn()
        assert wire.sent == [b"held behind it"]
        corked.write(b"now")
        assert wire.sent == [b"held behind it", b"now"]

    run(turn())
