"""`make demo`, as a newcomer runs it: what it shows, what it leaves running, and that nothing is left after it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Timer

import pytest
from fakes.running import ROOT, gone, wait

pytestmark = pytest.mark.slow

RUN = [sys.executable, str(ROOT / "examples" / "demo" / "run.py")]
SECONDS = 120
LAST_WORDS = "Ctrl-C here stops everything"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("ROUTERCTL_")}


@dataclass
class Demo:
    """A demo that was started, in a session of its own as a terminal would."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def text(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, words: str) -> None:
        wait(lambda: words in self.text or self.process.poll() is not None, words, lambda: self.text)
        assert self.process.poll() is None, self.text

    def interrupt(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)

    def commands(self) -> tuple[list[str], str, list[str]]:
        """Those of the steps, the one that started the gateway, and those to try next."""
        lines = [line.strip() for line in self.text.splitlines()]
        steps = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
        (up,) = [line for line in lines if " up -f " in line]
        start = next(number for number, line in enumerate(lines) if "left running" in line)
        beginnings = ("curl ", "export ", "routerctl ", "OPENAI_", str(RUN[0]), ".venv/", "/")
        return steps, up, [line for line in lines[start:] if line.startswith(beginnings)]


def once(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RUN, "--once", "--folder", str(folder), *arguments],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        cwd=ROOT,
        env={**ENVIRONMENT, **environment},
    )


@contextmanager
def demo(folder: Path, *arguments: str) -> Iterator[Demo]:
    log = folder.with_suffix(".log")
    command = [*RUN, "--folder", str(folder), *arguments]
    with (
        log.open("wb") as out,
        subprocess.Popen(
            command, stdout=out, stderr=out, cwd=ROOT, env=ENVIRONMENT, start_new_session=True
        ) as process,
    ):
        try:
            yield Demo(process, log)
        finally:
            process.kill()


def pasted(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", command],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        cwd=ROOT,
        env=ENVIRONMENT,
    )


def descendants(pid: int) -> set[int]:
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found: set[int] = set()
    while new := {child for child, parent in parents.items() if parent in {pid, *found}} - found:
        found |= new
    return found


def alike(text: str) -> str:
    """Without what may differ between two runs: ids, times, and how many chunks came when."""
    text = re.sub(r"sha256:[0-9a-f]+|\d{4}-\d\d-\d\dT[0-9:.]+Z|\d+ s\.|process \d+|:\d{4,5}", "_", text)
    text = re.sub(r"\d+ chunks before revision 2 was served and \d+", "_", text)
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("| ", "Port ")))


def test_without_the_model_it_says_why_and_shows_the_main_job_again_and_again_with_the_same_result(
    tmp_path: Path,
) -> None:
    (tmp_path / "xllamacpp.py").write_text("raise ImportError('not for this machine')\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    runs = [once(tmp_path / "demo", PYTHONPATH=path) for _ in range(2)]
    for done in runs:
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    first, second = (re.sub(r" --(admin-)?listen \S+", "", alike(done.stdout)) for done in runs)
    assert first == second
    for words in (
        "No model: the model server ended with exit code 3",
        "not for this machine",
        "answered by provider local (the simulator, in the model's place), under revision 1",
        "spec.enabled: true → false",
        "answered by provider backup, under revision 2",
        "the stream was not disturbed",
        "answered by provider local, under revision 3",
        "No changes against revision 3.",
        "All of it was shown",
    ):
        assert words in runs[0].stdout
    assert "\033" not in runs[0].stdout
    assert len(runs[0].stdout.splitlines()) <= 70


def test_every_command_that_it_prints_works_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    with demo(tmp_path / "demo", "--simulator") as running:
        running.wait_for(LAST_WORDS)
        steps, up, following = running.commands()
        assert len(steps) == 5
        assert any(command.startswith("OPENAI_BASE_URL=") for command in following)
        short = following.index(next(command for command in following if command.startswith("export ")))
        for command in [*steps, *following[:short], "; ".join(following[short:])]:
            done = pasted(command)
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        refused = pasted(up)
        assert refused.returncode == 4
        assert "is taken by routerctl" in refused.stderr
        children = descendants(running.process.pid)
        assert len(children) == 2
        running.interrupt()
        assert running.process.wait(SECONDS) == 0
        assert {child for child in children if not gone(child)} == set()
        with subprocess.Popen(
            ["sh", "-c", f"exec {up}"], cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.PIPE
        ) as again:
            assert again.stderr is not None
            ended = Timer(SECONDS, again.kill)
            ended.start()
            assert any(b"serving http" in line for line in again.stderr)
            again.terminate()
            again.stderr.read()
            ended.cancel()
        assert again.returncode == 0


def test_a_demo_that_is_killed_leaves_nothing_running(tmp_path: Path) -> None:
    with demo(tmp_path / "demo", "--simulator") as running:
        running.wait_for("Apply it while")
        children = descendants(running.process.pid)
        assert len(children) >= 2
        running.process.kill()
        wait(lambda: all(gone(child) for child in children), "the end of its processes")


def test_ctrl_c_in_the_middle_ends_it_and_a_second_one_at_once(tmp_path: Path) -> None:
    with demo(tmp_path / "demo", "--simulator") as running:
        running.wait_for("Apply it while")
        children = descendants(running.process.pid)
        running.interrupt()
        running.interrupt()
        assert running.process.wait(SECONDS) == 130
        wait(lambda: all(gone(child) for child in children), "the end of its processes")


def test_one_folder_belongs_to_one_demo(tmp_path: Path) -> None:
    with demo(tmp_path / "demo", "--simulator") as running:
        running.wait_for("Start a language model")
        second = once(tmp_path / "demo", "--simulator")
        assert second.returncode == 1
        assert "another demo runs in" in second.stderr
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "mine").touch()
    refused = once(foreign, "--simulator")
    assert refused.returncode == 1
    assert "is not empty" in refused.stderr
    assert [file.name for file in foreign.iterdir()] == ["mine"]


@pytest.mark.model
@pytest.mark.skipif(find_spec("xllamacpp") is None, reason="no local model: make model")
def test_with_the_model_the_model_answers(tmp_path: Path) -> None:
    done = once(tmp_path / "demo")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert "(SmolLM2-135M-Instruct, by llama.cpp), under revision 1" in done.stdout
    assert "the stream was not disturbed" in done.stdout
