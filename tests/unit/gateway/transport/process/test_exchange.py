import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.programs import ENVIRON, program, script
from fakes.sink import PausingSink, RecordingSink
from fakes.waiting import until

from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.process.exchange import ProcessExchange
from reconciler.gateway.transport.process.leash import WardenProcess
from reconciler.snapshot.programs import Program

PATIENT = 10.0


def opened(run: Program, sink: RecordingSink, warden: WardenProcess, prompt: bytes = b"") -> ProcessExchange:
    exchange = ProcessExchange(run, sink, warden, lambda _: None)
    exchange.start("m", prompt, PATIENT)
    return exchange


def heard(run: Program, prompt: bytes = b"") -> RecordingSink:
    sink = RecordingSink()

    async def scenario(warden: WardenProcess) -> None:
        opened(run, sink, warden, prompt)
        await sink.wait()

    with_warden(scenario)
    return sink


def with_warden(scenario: Callable[[WardenProcess], Awaitable[None]]) -> None:
    async def whole() -> None:
        warden = WardenProcess()
        try:
            await scenario(warden)
        finally:
            warden.close()

    asyncio.run(whole())


def test_the_prompt_goes_in_and_the_answer_comes_out(tmp_path: Path) -> None:
    prompt = os.urandom(300_000)
    sink = heard(program(script(tmp_path, "tool", "cat")), prompt)
    assert (sink.status, sink.body, sink.ended) == (200, prompt, True)


def test_a_prompt_that_nobody_reads_is_no_failure(tmp_path: Path) -> None:
    sink = heard(program(script(tmp_path, "tool", "exec 0<&-; echo done")), b"x" * 300_000)
    assert (sink.status, sink.body) == (200, b"done\n")


def test_arguments_are_whole_whatever_they_hold(tmp_path: Path) -> None:
    run = program(script(tmp_path, "tool", 'printf "%s|" "$@"; cat'), args=["-m", "{model}", "{prompt}", ""])
    assert heard(run, b"$(id) `id`; \n'\"").body == b"-m|m|$(id) `id`; \n'\"||"


def test_it_gets_no_more_than_it_is_given(tmp_path: Path) -> None:
    environ = {**ENVIRON, "A_TOKEN": "a", "SECRET": "s", "ROUTERCTL_DB": "x"}
    tool = script(tmp_path, "tool", "env; ls /proc/self/fd; pwd; umask; ulimit -c")
    said = heard(program(tool, environ, environment=["A_TOKEN"])).body.decode()
    lines = said.splitlines()
    assert {line.partition("=")[0] for line in lines if "=" in line} - {"PWD", "OLDPWD", "SHLVL", "_"} == {
        "PATH", "HOME", "LANG", "NO_COLOR", "TERM", "A_TOKEN"
    }  # fmt: skip
    descriptors = [line for line in lines if line.isdigit()]
    assert descriptors[:4] == ["0", "1", "2", "3"]  # the last is that of the folder which is listed
    folder = next(line for line in lines if line.startswith("/"))
    assert "routerctl-run-" in folder
    assert not Path(folder).exists()
    assert lines[-2:] == ["0077", "0"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("echo no key $A_TOKEN >&2; exit 3", "ended with exit code 3: no key ***"),
        ("kill -9 $$", "was killed by signal 9"),
    ],
)
def test_how_it_failed_is_told_without_secrets(tmp_path: Path, line: str, words: str) -> None:
    environ = {**ENVIRON, "A_TOKEN": "canary-value"}
    before = program(script(tmp_path, "before", line), environ, environment=["A_TOKEN"])
    sink = heard(before)
    assert sink.status == 502
    assert words.encode() in sink.body
    assert b"canary" not in sink.body
    after = program(script(tmp_path, "after", "echo begun", line), environ, environment=["A_TOKEN"])
    sink = heard(after)
    assert (sink.status, sink.failure) == (200, Failure.BROKEN)
    assert words in sink.reason
    assert "canary" not in sink.reason


def test_of_what_it_says_on_standard_error_the_end_is_told(tmp_path: Path) -> None:
    tool = script(
        tmp_path, "tool", "yes first | head -c 200000 >&2", r"printf '\033[1m last\n' >&2", "exit 1"
    )
    sink = heard(program(tool))
    assert b"last" in sink.body
    assert b"\\u001b" not in sink.body
    assert len(sink.body) < 1000


def test_what_wrote_nothing_and_is_well_ends_with_nothing(tmp_path: Path) -> None:
    sink = heard(program(script(tmp_path, "tool", "exit 0")))
    assert (sink.status, sink.body, sink.ended) == (200, b"", True)


def test_it_may_not_write_without_end(tmp_path: Path) -> None:
    sink = heard(program(script(tmp_path, "tool", "yes"), maxOutputBytes=100_000))
    assert sink.failure is Failure.BROKEN
    assert "maxOutputBytes" in sink.reason


def test_it_may_not_run_without_end(tmp_path: Path) -> None:
    run = replace(program(script(tmp_path, "tool", "sleep 60")), run_timeout=0.05)
    sink = heard(run)
    assert (sink.failure, "runTimeout (0.05 s)" in sink.reason) == (Failure.TIMEOUT, True)


def test_what_is_gone_or_not_allowed_any_more_is_not_started(tmp_path: Path) -> None:
    tool = script(tmp_path, "tool", "cat")
    run = program(tool)
    denied = replace(run, reach=replace(run.reach, executables=()))
    assert heard(denied).failure is Failure.EGRESS
    tool.write_text("#!/nonexistent/interpreter\n")
    sink = heard(run)
    assert (sink.failure, sink.reason) == (
        Failure.CONNECT,
        "the program could not be started: no such file or directory",
    )
    tool.unlink()
    assert heard(run).failure is Failure.CONNECT


def test_what_it_left_running_ends_with_it_and_holds_nothing_open(tmp_path: Path) -> None:
    tool = script(tmp_path, "tool", "sleep 1000 &", "echo $!", "setsid sleep 1000 &", "echo $!")
    sink = RecordingSink()

    async def scenario(warden: WardenProcess) -> None:
        opened(program(tool), sink, warden)
        await sink.wait()
        for pid in map(int, sink.body.split()):
            await until(lambda pid=pid: not Path(f"/proc/{pid}").exists(), "its end")  # type: ignore[misc]

    with_warden(scenario)


def test_who_is_let_go_ends_with_its_children(tmp_path: Path) -> None:
    tool = script(tmp_path, "tool", "sleep 1000 & echo $$ $!", "wait")
    sink = RecordingSink()

    async def scenario(warden: WardenProcess) -> None:
        exchange = opened(program(tool), sink, warden)
        await until(lambda: sink.body.endswith(b"\n"))
        sink.cancel(exchange)
        exchange.cancel()
        for pid in map(int, sink.body.split()):
            await until(lambda pid=pid: not Path(f"/proc/{pid}").exists(), "its end")  # type: ignore[misc]
        sink.check()

    with_warden(scenario)


def test_a_pause_holds_back_what_it_writes(tmp_path: Path) -> None:
    tool = script(tmp_path, "tool", "yes | head -c 1000000")
    sink = PausingSink(after=1)

    async def scenario(warden: WardenProcess) -> None:
        exchange = opened(program(tool), sink, warden)
        sink.exchanges.append(exchange)
        await until(lambda: sink.chunks)
        assert not sink.over
        exchange.pause()
        exchange.resume()
        await sink.wait()
        assert len(sink.body) == 1_000_000

    with_warden(scenario)


def test_a_pause_before_the_start_and_a_resume_after_the_end(tmp_path: Path) -> None:
    tool = script(tmp_path, "tool", "echo all; touch done")
    sink = RecordingSink()

    async def scenario(warden: WardenProcess) -> None:
        exchange = opened(program(tool, workingDirectory=str(tmp_path)), sink, warden)
        exchange.pause()
        await until((tmp_path / "done").exists)
        await until(lambda: exchange._status is not None)
        assert not sink.over
        exchange.resume()
        await sink.wait()
        assert sink.body == b"all\n"

    with_warden(scenario)


def test_without_its_warden_it_is_broken(tmp_path: Path) -> None:
    tool = script(tmp_path, "tool", "echo $$; sleep 1000")
    sink = RecordingSink()

    async def scenario(warden: WardenProcess) -> None:
        opened(program(tool, workingDirectory=str(tmp_path)), sink, warden)
        await until(lambda: sink.body)
        assert warden.pid is not None
        os.kill(warden.pid, signal.SIGKILL)
        await sink.wait()
        assert sink.failure is Failure.BROKEN
        await until(lambda: not Path(f"/proc/{int(sink.body)}/exe").exists(), "the program's end")

    with_warden(scenario)


def test_a_warden_that_does_not_answer_in_time(tmp_path: Path) -> None:
    sink = RecordingSink()

    async def whole() -> None:
        warden = WardenProcess(("/bin/sleep", "1000"))
        exchange = ProcessExchange(program(script(tmp_path, "tool", "cat")), sink, warden, lambda _: None)
        exchange.start("m", b"", 0.01)
        await sink.wait()
        assert warden.pid is not None
        os.kill(warden.pid, signal.SIGKILL)
        warden.close()

    asyncio.run(whole())
    assert (sink.failure, sink.reason) == (Failure.CONNECT, "the program was not started in time")


def test_where_no_warden_can_be_had(tmp_path: Path) -> None:
    sink = RecordingSink()

    async def whole() -> None:
        opened(program(script(tmp_path, "tool", "cat")), sink, WardenProcess(("/nonexistent",)))
        await sink.wait()

    asyncio.run(whole())
    assert sink.failure is Failure.CONNECT


def test_arguments_that_are_too_long_say_so(tmp_path: Path) -> None:
    run = program(script(tmp_path, "tool", "cat"), args=["{prompt}"])
    sink = heard(run, b"x" * 200_000)
    assert (sink.failure, "too long" in sink.reason) == (Failure.CONNECT, True)
