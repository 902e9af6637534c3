"""The benchmarks run from end to end, in a form so small that their figures mean nothing."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import (
    control_plane,
    corpus,
    curve,
    data_plane,
    figures,
    loader,
    machine,
    processes,
    run,
    serving,
    stages,
    wire,
)
from reconciler.control.intake import cross_problems, take_in

ROOT = Path(__file__).parents[2]
DOCUMENT = f"# Words before\n\n{run.BEGIN}\n\nold figures\n\n{run.END}\n\nWords after.\n"
CURVE = f"{DOCUMENT}\n{run.CURVE_BEGIN}\n\nold curve\n\n{run.CURVE_END}\n"


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """As `make bench ARGS=...` does."""
    command = [sys.executable, str(ROOT / "benchmarks" / "run.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=ROOT)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the data plane is measured on Linux only")
def test_every_figure_of_both_planes_is_measured_and_written(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text(DOCUMENT, encoding="utf-8")
    done = bench("--smoke", "--write", str(document))
    assert done.returncode == 0, done.stderr
    written = document.read_text(encoding="utf-8")
    assert written.startswith("# Words before")
    assert written.endswith("Words after.\n")
    assert "old figures" not in written
    for work in (*control_plane.WORK, "client is answered from it", *data_plane.MODES, data_plane.GATEWAY):
        assert work in written
        assert work in done.stdout
    for line in (control_plane.HELP, control_plane.GET, stages.IMPORTS):
        assert line in written
    compared = f"{data_plane.GATEWAY} / {data_plane.NGINX}"
    assert compared in written if machine.nginx() else "nginx was not installed" in written


@pytest.mark.slow
def test_the_curve_is_written_to_its_own_place(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text(CURVE, encoding="utf-8")
    done = bench("--smoke", "--only", "curve", "--write", str(document))
    assert done.returncode == 0, done.stderr
    written = document.read_text(encoding="utf-8")
    assert written.startswith(DOCUMENT)
    assert "old curve" not in written
    for size in run.SMOKE.curve:
        assert f"{size} resources" in written
    for work in (curve.PARSE, *curve.WORK):
        assert written.count(f"| {work} ") == 2  # what it takes, and what each resource more takes


def test_what_a_resource_more_costs_is_told_from_step_to_step(tmp_path: Path) -> None:
    results = []
    for size, taken in ((20, 1.0), (40, 2.0), (80, 6.0)):
        timing = processes.Timing(wall=9.0, inside=9.0, peak=2**20, processor=taken)
        made = corpus.write(tmp_path / str(size), size)
        work = {name: [timing] for name in control_plane.WORK}
        results.append(control_plane.Result(made, processor_parses=[taken / 2], work=work))
    text = curve.report(results)
    assert "| 1.00 s, 2.00x | 2.00 s, 2.00x | 6.00 s, 2.00x |" in text
    assert "| 50,000 us | 100,000 us |" in text


def test_time_is_counted_for_the_innermost_stage() -> None:
    def inner() -> None:
        end = time.process_time() + 0.05
        while time.process_time() < end:
            pass

    code = inner.__code__.replace(co_filename="reconciler/control/plan/differ.py")
    inner.__code__ = code
    with stages.sampled() as seconds:
        inner()
    assert seconds["compare"] > 0
    assert set(seconds) == set(stages.NAMES)


def test_a_document_without_a_place_for_figures_is_refused_before_anything_is_measured(
    tmp_path: Path,
) -> None:
    document = tmp_path / "performance.md"
    document.write_text(f"{run.END}\n{run.BEGIN}\n", encoding="utf-8")
    assert run.main(["--smoke", "--write", str(document)]) == 2
    assert run.main(["--smoke", "--write", str(tmp_path / "none.md")]) == 2
    document.write_text(DOCUMENT, encoding="utf-8")
    assert run.main(["--smoke", "--only", "curve", "--write", str(document)]) == 2


def test_the_record_of_figures_has_their_place() -> None:
    text = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    assert text.count(run.BEGIN) == text.count(run.END) == 1
    assert text.count(run.CURVE_BEGIN) == text.count(run.CURVE_END) == 1
    assert (
        text.index(run.BEGIN) < text.index(run.END) < text.index(run.CURVE_BEGIN) < text.index(run.CURVE_END)
    )


def test_the_measured_manifests_are_valid_and_closed(tmp_path: Path) -> None:
    made = corpus.write(tmp_path / "manifests", 30)
    intake = take_in([str(made.folder)])
    assert intake.problems == ()
    assert cross_problems(intake, closed=True) == ()
    assert (len(intake.declared), len(intake.files)) == (made.resources, made.files) == (30, 3)


def test_a_touch_changes_one_resource(tmp_path: Path) -> None:
    made = corpus.write(tmp_path / "manifests", 30)
    before = {item.key: item.resource for item in take_in([str(made.folder)]).declared}
    made.touch(5)
    after = {item.key: item.resource for item in take_in([str(made.folder)]).declared}
    assert [str(key) for key in after if after[key] != before[key]] == ["Provider/provider-00000"]
    made.touch(0)
    assert {item.key: item.resource for item in take_in([str(made.folder)]).declared} == before


def test_without_nginx_the_gateway_stands_alone() -> None:
    outcome = loader.Outcome(rate=1.0, p50=1.0, p99=1.0, total=1, errors=0, processor=1.0, elapsed=1.0)
    one = [data_plane.Run(outcome, processor=1.0, busy=1.0)]
    runs = {mode: {data_plane.GATEWAY: one} for mode in data_plane.MODES}
    assert "nginx was not installed" in data_plane.report(runs)
    both = {mode: {data_plane.GATEWAY: one, data_plane.NGINX: one} for mode in data_plane.MODES}
    assert "nginx was not installed" not in data_plane.report(both)


def test_a_parse_in_pure_python_does_not_go_unnoticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    timing = processes.Timing(wall=1.0, inside=1.0, peak=1)
    result = control_plane.Result(
        corpus.write(tmp_path / "manifests", 20),
        parses=[1.0],
        parse_peaks=[1],
        work={work: [timing] for work in control_plane.WORK},
        served=[serving.Delay(1.0, 1.0)],
    )
    assert control_plane.SLOW_PARSE not in control_plane.report(result)
    monkeypatch.setattr(control_plane, "ACCELERATED", False)
    assert control_plane.SLOW_PARSE in control_plane.report(result)


def test_ratios_are_of_the_same_round() -> None:
    assert figures.ratios([2.0, 9.0, 4.0], [1.0, 3.0, 1.0]) == figures.Spread(2.0, 3.0, 4.0)


@pytest.mark.parametrize(
    ("received", "whole"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n", False),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", True),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", True),
    ],
)
def test_the_loader_knows_where_an_answer_ends(received: bytes, whole: bool) -> None:
    assert wire.answer_is_whole(received) is whole
