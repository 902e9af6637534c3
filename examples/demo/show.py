"""The main job, step by step: serve, change under a running stream, look back, roll back. Each step checks itself."""

import http.client
import shlex
import subprocess
from dataclasses import dataclass
from itertools import chain
from time import monotonic

from client import Answered, Json, Stream, get
from processes import ROOT, Child, Deadline, clean_environment, free_port
from stage import OFF, ON, Stage, program, shown
from terminal import Terminal

MODEL = "smollm2"
START_SECONDS = 20.0
START_ATTEMPTS = 3
GATEWAY_GRACE = 45.0
"""Seconds; it waits 30 for what is under way."""
SHORT_TOKENS = 32
SLOWEST, FEWEST, MOST = 8.0, 256, 1500
"""The long answer: seconds that it takes at least, and bounds of its tokens."""
SHORT = "What is the sea? Answer in one sentence."
LONG = "Tell a long story about a lighthouse keeper."


class NotShown(Exception):
    """A step did not show what it should."""


@dataclass
class Show:
    terminal: Terminal
    stage: Stage
    answers: str
    """Who answers for the provider `local`, in words."""
    gateway: Child | None = None
    port: int = 8484
    admin_port: int = 8485
    pace: float = 30.0
    """Pieces of an answer in a second, as measured."""
    command_seconds: float = 0.5
    stream: Stream | None = None

    def run(self) -> None:
        self.serve()
        self.first_answer()
        self.edit()
        self.change_under_a_stream()
        self.look_back()

    def stop(self) -> None:
        """What is under way is finished first, except for the demo's own stream."""
        if self.stream is not None:
            self.stream.close()
        if self.gateway is not None and self.gateway.ending() is None:
            self.gateway.stop(GATEWAY_GRACE)

    # -- the steps ---------------------------------------------------------------------------------------------------

    def serve(self) -> None:
        self.terminal.title(2, "Apply the manifests and start the gateway, in the background until Ctrl-C")
        for _ in range(START_ATTEMPTS):
            self.port = self._free_port(8484, ())
            self.admin_port = self._free_port(8485, (self.port,))
            command = self.up_command()
            self.gateway = Child(shlex.split(command), self.stage.log("gateway"))
            reason = wait_for(self.gateway, self.port, "/readyz", START_SECONDS)
            if reason is None:
                break
            if "is taken" not in reason:  # by another, just after it was found free
                raise NotShown(f"the gateway {reason}; its log is {shown(self.gateway.log)}")
        else:
            raise NotShown("each port that was free was taken by another before the gateway listened")
        _wait_for_words(self.gateway, "serving http")
        self.terminal.say(
            f"It runs as process {self.gateway.pid}, with its log in {shown(self.gateway.log)}:"
        )
        self.terminal.say(command)
        self.terminal.output(self.gateway.said())

    def first_answer(self) -> None:
        self.terminal.title(3, f'Ask {MODEL} through the gateway: "{SHORT}"')
        began = monotonic()
        self.stream = self._ask(SHORT, SHORT_TOKENS)
        self.terminal.spoken(self.stream.follow(), most_lines=6)
        self.pace = len(self.stream.pieces) / max(monotonic() - began, 0.001)
        self._check_complete(self.stream)
        self._check(self.stream.answered, revision=1, provider="local")
        self.terminal.shown(f"answered by provider local ({self.answers}), under revision 1")

    def edit(self) -> None:
        file = shown(self.stage.edited)
        self.terminal.title(4, f"Take the provider local out of service: edit {file}, look at the difference")
        self.stage.edit(ON, OFF)
        self.terminal.say(f"{file}: {ON} -> {OFF}")
        began = monotonic()
        self._routerctl(f"diff -f {shlex.quote(shown(self.stage.manifests))}", expected=1)
        self.command_seconds = monotonic() - began

    def change_under_a_stream(self) -> None:
        self.terminal.title(5, "Apply it while local is in the middle of a long answer")
        seconds = max(SLOWEST, 12 * self.command_seconds)
        stream = self.stream = self._ask(LONG, min(MOST, max(FEWEST, round(self.pace * seconds))))
        self._check(stream.answered, revision=1, provider="local")
        self.terminal.spoken(self._first_pieces(stream), most_lines=1)
        manifests = shlex.quote(shown(self.stage.manifests))
        self._routerctl(f'apply -f {manifests} --wait -m "take local out"')
        before = len(stream.pieces)
        if stream.over:
            raise NotShown("the long answer ended before the new revision was served")
        self._ask_again(revision=2, provider="backup")
        self.terminal.say("Meanwhile the long answer goes on:")
        self.terminal.spoken(chain(["... "], stream.follow(before)), most_lines=3)
        self._check_complete(stream)
        after = len(stream.pieces) - before
        if not after:
            raise NotShown("no piece of the long answer came after the new revision was served")
        self.terminal.shown(
            f"the stream was not disturbed: one connection, provider local and revision 1 to its end,"
            f"\n      {before} chunks before revision 2 was served and {after} after it, complete"
        )

    def look_back(self) -> None:
        self.terminal.title(6, "Look at the history, and roll back")
        self._routerctl("history")
        self._routerctl('rollback 1 --wait -m "local is needed"')
        self._ask_again(revision=3, provider="local")
        self.stage.edit(OFF, ON)
        self.terminal.say(f"{shown(self.stage.edited)}: {OFF} -> {ON}, so that files and store agree again")
        self._routerctl(f"diff -f {shlex.quote(shown(self.stage.manifests))}")

    # -- what the steps are made of ----------------------------------------------------------------------------------

    def routerctl(self, arguments: str) -> str:
        """The command as one can paste it."""
        return f"{shlex.quote(program())} --db {shlex.quote(shown(self.stage.database))} {arguments}"

    def up_command(self) -> str:
        listen = [] if self.port == 8484 else [f"--listen 127.0.0.1:{self.port}"]
        listen += [] if self.admin_port == 8485 else [f"--admin-listen 127.0.0.1:{self.admin_port}"]
        return self.routerctl(" ".join(["up -f", shlex.quote(shown(self.stage.manifests)), *listen]))

    def _free_port(self, preferred: int, taken: tuple[int, ...]) -> int:
        port = free_port(preferred, taken)
        if port != preferred:
            self.terminal.say(f"Port {preferred} is taken; {port} is used.")
        return port

    def _routerctl(self, arguments: str, expected: int = 0) -> None:
        command = self.routerctl(arguments)
        self.terminal.command(command)
        done = subprocess.run(
            shlex.split(command),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd=ROOT,
            env=clean_environment(),
        )
        self.terminal.output(done.stdout)
        if done.returncode != expected:
            raise NotShown(f"exit code {done.returncode} instead of {expected}")

    def _ask(self, question: str, tokens: int) -> Stream:
        """`ignore_eos` is llama.cpp's own field: the answer takes all its tokens, whatever the model would say."""
        body: Json = {"model": MODEL, "max_tokens": tokens, "temperature": 0}
        body["messages"] = [{"role": "user", "content": question}]
        if question == LONG:
            body["ignore_eos"] = True
        try:
            return Stream(self.port, body)
        except (OSError, http.client.HTTPException) as error:
            raise NotShown(f"the gateway did not answer: {error}") from error

    def _ask_again(self, revision: int, provider: str) -> None:
        stream = self._ask(SHORT, SHORT_TOKENS)
        self.terminal.say(f'A new request, "{SHORT}"')
        self.terminal.spoken(stream.follow(), most_lines=2)
        self._check_complete(stream)
        self._check(stream.answered, revision=revision, provider=provider)
        self.terminal.shown(f"answered by provider {provider}, under revision {revision}")

    def _first_pieces(self, stream: Stream) -> list[str]:
        pieces = []
        for piece in stream.follow():
            pieces.append(piece)
            if len(pieces) == 8:
                break
        return [*pieces, " ..."]

    def _check(self, answered: Answered, *, revision: int, provider: str) -> None:
        expected = Answered(200, revision, provider)
        if answered != expected:
            raise NotShown(f"expected {expected}, got {answered}")

    def _check_complete(self, stream: Stream) -> None:
        if stream.finished is None:
            raise NotShown(f"the stream of status {stream.answered.status} broke off: {stream.trouble}")


def wait_for(child: Child, port: int, path: str, seconds: float) -> str | None:
    """Until it answers 200; else why it does not."""
    deadline = Deadline(seconds)
    while deadline.holds():
        if (ending := child.ending()) is not None:
            return ending
        if get(port, path) == 200:
            return None
    return f"did not answer within {seconds:.0f} s"


def _wait_for_words(child: Child, words: str) -> None:
    """Until its log has them: it is ready a moment before it says so."""
    deadline = Deadline(START_SECONDS)
    while words not in child.said() and deadline.holds():
        continue
