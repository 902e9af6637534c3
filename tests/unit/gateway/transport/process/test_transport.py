import asyncio
from pathlib import Path

from fakes.programs import program, script
from fakes.sink import RecordingSink
from fakes.waiting import until

from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.process.leash import WardenProcess
from reconciler.gateway.transport.process.transport import ProcessTransport
from reconciler.provider_types.base import UpstreamRequest
from reconciler.provider_types.cli import LOOK, RUN, SCHEME
from reconciler.snapshot.model import Timeouts

PATIENT = Timeouts(10, 10)


def run(prompt: bytes = b"hi", model: str = "m") -> UpstreamRequest:
    return UpstreamRequest(RUN, SCHEME + model, (), prompt)


def test_several_run_at_once_and_retiring_waits_for_them(tmp_path: Path) -> None:
    async def whole() -> None:
        warden = WardenProcess()
        transport = ProcessTransport(program(script(tmp_path, "tool", "cat")), warden)
        sinks = [RecordingSink() for _ in range(3)]
        for number, sink in enumerate(sinks):
            transport.open(run(b"%d" % number), sink, PATIENT)
            assert not sink.over
        await until(lambda: warden.pid)
        transport.retire()
        for sink in sinks:
            await sink.wait()
        assert [sink.body for sink in sinks] == [b"0", b"1", b"2"]
        await until(lambda: warden.pid is None)
        late = RecordingSink()
        transport.open(run(), late, PATIENT)
        await late.wait()
        assert late.body == b"hi"
        transport.retire()
        await transport.aclose()

    asyncio.run(whole())


def test_closing_ends_what_is_under_way(tmp_path: Path) -> None:
    async def whole() -> None:
        transport = ProcessTransport(program(script(tmp_path, "tool", "echo $$; sleep 1000")))
        sink = RecordingSink()
        transport.open(run(), sink, PATIENT)
        await until(lambda: sink.body)
        await transport.aclose()
        assert sink.failure is Failure.STOPPING
        await until(lambda: not Path(f"/proc/{int(sink.body)}").exists(), "its end")

    asyncio.run(whole())


def test_a_probe_looks_and_starts_nothing(tmp_path: Path) -> None:
    async def whole() -> None:
        tool = script(tmp_path, "tool", "touch started")
        warden = WardenProcess()
        transport = ProcessTransport(program(tool), warden)
        look = UpstreamRequest(LOOK, SCHEME, (), b"")
        well, ill = RecordingSink(), RecordingSink()
        transport.open(look, well, PATIENT)
        await well.wait()
        tool.unlink()
        transport.open(look, ill, PATIENT)
        await ill.wait()
        assert (well.status, ill.failure, warden.pid) == (200, Failure.CONNECT, None)
        assert "no such file" in ill.reason

    asyncio.run(whole())
