import io
import logging
import os
import sys
import threading

import pytest
from fakes.command import Routerctl, served
from fakes.repository import SettableClock
from fakes.workers import live_worker

from reconciler.cli import progress as module
from reconciler.cli.progress import EVERY, SHOWN_AFTER, Progress, progress, terminal
from reconciler.log import log_to_stderr

ERASE = "\r\x1b[K"


class Terminal(io.StringIO):
    """`written` when something was."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        count = super().write(text)
        self.written.set()
        return count

    def screen(self) -> str:
        """What is left on its one line."""
        return self.getvalue().rpartition(ERASE)[2]


@pytest.fixture
def tty() -> Terminal:
    return Terminal()


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch, tty: Terminal) -> Terminal:
    """A terminal is there, and all work is long."""
    monkeypatch.setattr(module, "SHOWN_AFTER", 0.0)
    monkeypatch.setattr(module, "EVERY", 0.001)
    monkeypatch.setattr(module, "terminal", lambda _: tty)
    return tty


def test_short_work_shows_nothing(tty: Terminal, clock: SettableClock) -> None:
    with Progress("Reading", tty, clock) as shown:
        clock.seconds += SHOWN_AFTER - 0.01
        shown.count(3, 4)
        shown.tick()
    assert tty.getvalue() == ""


def test_long_work_is_counted_on_one_line_that_goes_away(tty: Terminal, clock: SettableClock) -> None:
    with Progress("Reading", tty, clock) as shown:
        clock.seconds += SHOWN_AFTER
        shown.count(3, 4)
        assert tty.getvalue() == f"{ERASE}/ Reading: 3 of 4, 0 s"
        clock.seconds += 2
        shown.count(17)
        assert tty.screen() == "- Reading: 17, 2 s"
        clock.seconds += 60
        shown.tick()
        assert tty.screen() == "\\ Reading: 17, 62 s"
    assert (tty.screen(), "\n" in tty.getvalue()) == ("", False)


def test_no_more_than_ten_lines_a_second(tty: Terminal, clock: SettableClock) -> None:
    with Progress("Reading", tty, clock) as shown:
        clock.seconds += SHOWN_AFTER
        for done in range(1000):
            clock.seconds += 0.001
            shown.count(done, 1000)
    assert 10 <= tty.getvalue().count("Reading") <= 1 / EVERY + 1


def test_an_error_leaves_no_line_behind(tty: Terminal, clock: SettableClock) -> None:
    def work() -> None:
        with Progress("Reading", tty, clock) as shown:
            clock.seconds += SHOWN_AFTER
            shown.tick()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert tty.getvalue().endswith(f", 0 s{ERASE}")


def test_lines_of_the_log_push_it_aside(
    tty: Terminal, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = logging.StreamHandler(tty)
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    with Progress("Reading", tty, clock) as shown:
        clock.seconds += SHOWN_AFTER
        shown.tick()
        logging.getLogger("reconciler.x").warning("look")
        assert tty.getvalue().endswith(f"Reading, 0 s{ERASE}look\n")
        clock.seconds += EVERY
        shown.tick()
    assert (tty.screen(), handler.filters) == ("", [])


def test_a_narrow_terminal_gets_a_line_that_does_not_wrap(
    tty: Terminal, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tty, "fileno", lambda: 2)
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((8, 3)))
    with Progress("Reading", tty, clock) as shown:
        clock.seconds += SHOWN_AFTER
        shown.tick()
        assert tty.screen() == "/ Readi"


def test_a_terminal_that_went_away_stops_no_work(
    tty: Terminal, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Progress("Reading", tty, clock) as shown:
        clock.seconds += SHOWN_AFTER
        tty.close()
        shown.tick()
        shown.tick()


def test_what_calls_nothing_back_has_a_pulse(tty: Terminal, clock: SettableClock) -> None:
    before = threading.active_count()
    with Progress("Verifying", tty, clock, pulsing=True):
        clock.seconds += 3
        assert tty.written.wait(30)
        assert tty.screen() == "/ Verifying, 3 s"
    assert (tty.screen(), threading.active_count()) == ("", before)


def test_only_a_terminal_gets_it(tty: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    assert terminal({}) is None
    before = threading.active_count()
    with progress("Reading", pulsing=True) as shown:
        shown.count(1)
        assert threading.active_count() == before
    monkeypatch.setattr(sys, "stderr", tty)
    assert terminal({"NO_COLOR": "1"}) is tty
    assert terminal({"TERM": "dumb"}) is None
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    log_to_stderr(logging.WARNING, "json")
    assert terminal({}) is None


def test_commands_show_how_far_they_are(routerctl: Routerctl, at_once: Terminal) -> None:
    file = routerctl.write("all.yaml", served("m"))
    live_worker(routerctl.db, revision=1)
    for command, line in (
        (("apply", "-f", file, "--wait"), "Reading files: 1, "),
        (("apply", "-f", file, "--wait"), "Waiting for workers to serve revision 1: 1 of 1, "),
        (("wait", "provider/m", "model/m", "--for=delete", "--timeout", "0"), "Waiting: 0 of 2, "),
        (("secret", "audit", file), "Searching files: "),
        (("test", "m"), "Testing providers: 0 of 1, "),
        (("model", "sync", "m"), "Asking providers for their models: 1 of 1, "),
    ):
        done = routerctl(*command)
        assert line in at_once.getvalue(), command
        assert "\r" not in done.err + done.out
        assert at_once.screen() == ""
