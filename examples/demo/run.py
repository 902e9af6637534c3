"""The main job of routerctl on this machine, in six steps: `make demo`.

    run.py [--once] [--simulator] [--folder DIR]

Exit code 0: everything was shown (and, without --once, Ctrl-C ended it); 1: a step did not show what it should.
"""

import argparse
import os
import shlex
import shutil
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from types import FrameType

from processes import ROOT, Child, free_port
from show import MODEL, START_SECONDS, NotShown, Show, wait_for
from stage import NotPossible, Stage, python, shown
from terminal import Terminal

SERVER = Path(__file__).with_name("model_server.py")
ASK = Path(__file__).with_name("ask.py")
REAL = "SmolLM2-135M-Instruct, by llama.cpp"
MODEL_GRACE = 5.0
SIMULATED = "the simulator, in the model's place"


class Interrupted(BaseException):
    """Ctrl-C, or another wish that it ends."""


@dataclass
class Demo:
    terminal: Terminal
    stage: Stage
    model: Child | None = None
    show: Show | None = None
    stopping: bool = False

    def run(self, *, simulator: bool) -> None:
        """Raises NotShown."""
        self.terminal.title(1, "Start a language model on this machine")
        port = None if simulator else self._start_model()
        if simulator:
            self.terminal.say("No model, as --simulator says: the built-in simulator answers.")
        try:
            self._show(port)
        except NotShown:
            ending = self._model_ending()
            if ending is None:
                raise
            self._without_model(f"the model server {ending}")
            self._stop_show()
            self._show(None)

    def keep_running(self) -> None:
        """Until Ctrl-C, or until the gateway ends by itself. Raises NotShown for that."""
        gateway = self.show.gateway if self.show is not None else None
        while gateway is not None:
            gateway.wait(0.5)
            if (ending := gateway.ending()) is not None:
                raise NotShown(f"the gateway {ending}")
            if self.model is not None and (ending := self.model.ending()) is not None:
                self.terminal.warn(f"The model server {ending}. From now on the provider backup answers.")
                self.model = None

    def stop(self) -> None:
        self._stop_show()
        if self.model is not None:
            self.model.stop(MODEL_GRACE)

    def kill(self) -> None:
        for child in (self.model, self.show.gateway if self.show is not None else None):
            if child is not None:
                child.kill()

    def _start_model(self) -> int | None:
        """Its port; None where it can't be had."""
        port = free_port(8081)
        self.model = Child(
            [sys.executable, str(SERVER), "--port", str(port), "--alias", MODEL], self.stage.log("model")
        )
        reason = wait_for(self.model, port, "/v1/models", START_SECONDS)
        if reason is not None:
            self._without_model(f"the model server {reason}")
            return None
        self.terminal.say(f"{REAL}: http://127.0.0.1:{port} (pid {self.model.pid})")
        return port

    def _model_ending(self) -> str | None:
        """A moment is given to a server that dies just now."""
        if self.model is None:
            return None
        self.model.wait(1)
        return self.model.ending()

    def _without_model(self, reason: str) -> None:
        self.terminal.warn(f"No model: {reason}")
        self.terminal.say(
            "The built-in simulator answers in its place; `make model` tries to install it again."
        )
        if self.model is not None:
            self.model.stop(MODEL_GRACE)
        self.model = None

    def _show(self, port: int | None) -> None:
        self.stage.prepare(port)
        self.terminal.say(f"Manifests, store, key and logs of this demo are in {shown(self.stage.folder)}/.")
        self.show = Show(self.terminal, self.stage, REAL if port is not None else SIMULATED)
        self.show.run()

    def _stop_show(self) -> None:
        if self.show is not None:
            self.show.stop()
        self.show = None


def next_steps(terminal: Terminal, show: Show) -> None:
    base = f"http://127.0.0.1:{show.port}/v1"
    manifests = shlex.quote(shown(show.stage.manifests))
    terminal.heading(
        "All of it is left running. Try next, in another terminal, from the top of the repository:"
    )
    terminal.say(show.routerctl("get providers"))
    terminal.say(show.routerctl(f"apply -f {manifests} --wait"))
    if shutil.which("curl"):
        body = '{"stream": true, "max_tokens": 30, "messages": [{"role": "user", "content": "Hello!"}]}'
        terminal.say(f"curl -N {base}/chat/completions -H 'content-type: application/json' -d '{body}'")
        terminal.say(f"curl {base}/models")
        terminal.say(f"curl http://127.0.0.1:{show.admin_port}/metrics")
    if find_spec("openai") is None:
        terminal.say(f"{python()} -m pip install openai")
    terminal.say(f"OPENAI_BASE_URL={base} OPENAI_API_KEY=any {python()} {shlex.quote(shown(ASK))}")
    terminal.heading("After this line that terminal needs neither the path nor --db:")
    terminal.say(f"export {_short_forms(show)}")
    terminal.say("routerctl status")
    terminal.heading("Ctrl-C here stops everything; after it make demo begins anew.")


def _short_forms(show: Show) -> str:
    """The variables that let one leave out the path of the program, and its store."""
    store = shlex.quote(f"sqlite:///{show.stage.database}")
    return f'PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH" ROUTERCTL_DB={store}'


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Show the main job of routerctl on this machine.")
    parser.add_argument("--once", action="store_true", help="end by itself when everything was shown")
    parser.add_argument("--simulator", action="store_true", help="without a model: the simulator answers")
    parser.add_argument("--folder", type=Path, default=ROOT / ".demo", help="where it works (default: .demo)")
    options = parser.parse_args(arguments)
    demo = Demo(Terminal(sys.stdout), Stage(options.folder.absolute()))
    try:
        with demo.stage.lock():
            return _perform(demo, once=options.once, simulator=options.simulator)
    except NotPossible as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _perform(demo: Demo, *, once: bool, simulator: bool) -> int:
    began, everything = monotonic(), False
    _end_on_signals(demo)
    try:
        demo.run(simulator=simulator)
        everything = True
        done = f"All of it was shown, in {monotonic() - began:.0f} s"
        if once or demo.show is None:
            demo.terminal.heading(f"{done}.")
            return 0
        demo.terminal.heading(
            f"{done}, and is left running. Next, in another terminal, from this repository's top:"
        )
        next_steps(demo.terminal, demo.show)
        demo.keep_running()
    except NotShown as error:
        demo.terminal.warn(f"This was not shown: {error}")
        return 1
    except Interrupted:
        demo.terminal.heading("Stopping; what is under way is finished first (Ctrl-C again ends it at once).")
        return 0 if everything else 130
    except BrokenPipeError:  # nobody reads any more
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123  for what Python flushes at its end
        return 1
    finally:
        demo.stopping = True
        demo.stop()
    return 0


def _end_on_signals(demo: Demo) -> None:
    """The first interrupts whatever is under way; one that comes while the end is waited for kills."""

    def ask(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  the signature of a handler
        if not demo.stopping:
            demo.stopping = True
            raise Interrupted
        demo.kill()
        os._exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask)


if __name__ == "__main__":
    sys.exit(main())
