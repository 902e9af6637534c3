"""The benchmarks run from end to end, in a form so small that their figures mean nothing."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sizes import is_long

from benchmarks import (
    bytecodes,
    control_plane,
    corpus,
    curve,
    data_plane,
    document,
    figures,
    interpreter,
    loader,
    machine,
    one_core,
    peers,
    processes,
    run,
    serving,
    soak,
    stages,
    stand,
    upstream,
    upstream_tls,
    wire,
)
from benchmarks.peer_gateways import LITELLM, PEERS, Peer
from reconciler.control.intake import cross_problems, take_in

ROOT = Path(__file__).parents[2]


def place(of: document.Place, text: str) -> str:
    return f"{of.begin}\n\n{text}\n\n{of.end}\n"


CONTROL = f"# Words before\n\n{place(document.CONTROL, 'old figures')}\nWords between.\n"
DOCUMENT = f"{CONTROL}\n{place(document.DATA, 'old load')}\nWords after.\n"
CURVE = f"{DOCUMENT}\n{place(document.CURVE, 'old curve')}"


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """As `make bench ARGS=...` does."""
    command = [sys.executable, str(ROOT / "benchmarks" / "run.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=ROOT)


@pytest.mark.torture
@pytest.mark.skipif(not is_long(), reason="a fiftieth of the suite's time, for commands that it runs anyhow")
def test_every_figure_of_the_control_plane_is_measured_and_written(tmp_path: Path) -> None:
    file = tmp_path / "performance.md"
    file.write_text(CURVE, encoding="utf-8")
    done = bench("--smoke", "--only", "control", "--write", str(file), "--python", sys.executable)
    assert done.returncode == 0, done.stderr
    written = file.read_text(encoding="utf-8")
    assert written.startswith("# Words before")
    assert written.endswith(CURVE.removeprefix(CONTROL))
    assert "old figures" not in written
    for work in (*control_plane.WORK, "client is answered from it"):
        assert work in written
        assert work in done.stdout
    for line in (control_plane.HELP, control_plane.GET, stages.IMPORTS):
        assert line in written


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the data plane is measured on Linux only")
def test_the_gateway_is_measured_under_load() -> None:
    done = bench("--smoke", "--only", "load", "--python", sys.executable)
    assert done.returncode == 0, done.stderr
    for line in (*data_plane.MODES, stand.GATEWAY):
        assert line in done.stdout


@pytest.mark.torture
@pytest.mark.skipif(not is_long(), reason="half a minute, most of it with the same stand again")
@pytest.mark.skipif(sys.platform != "linux", reason="as above")
def test_every_figure_of_the_data_plane_is_measured_and_written(tmp_path: Path) -> None:
    file = tmp_path / "performance.md"
    file.write_text(CURVE, encoding="utf-8")
    done = bench("--smoke", "--only", "data", "--write", str(file), "--python", sys.executable)
    assert done.returncode == 0, done.stderr
    written = file.read_text(encoding="utf-8")
    assert written.startswith(CONTROL)
    assert written.endswith(CURVE.removeprefix(DOCUMENT))
    assert "old load" not in written
    for line in (*data_plane.MODES, stand.GATEWAY, stand.EMPTY, upstream_tls.MODE):
        assert line in written
        assert line in done.stdout
    for title, _ in run.DATA_PARTS.values():
        assert f"### {title}\n" in written
    compared = f"{stand.GATEWAY} / {stand.NGINX}"
    assert compared in written if machine.nginx() else "nginx was not installed" in written
    goals = written[written.index("against its goals") :]
    assert "open streams: PSS a stream | " in re.sub(" +", " ", goals)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="as above")
def test_a_soak_holds_the_end_against_the_beginning(tmp_path: Path) -> None:
    result = soak.measure(0.01, tmp_path, lambda _: None)
    assert result.answered > 0
    assert result.applies == len(result.samples) > 0
    assert result.left == 0
    assert "worker, PSS" in soak.report(result)


def test_a_soak_that_grows_is_told() -> None:
    def sample(worker: int) -> soak.Sample:
        return soak.Sample(worker=worker, supervisor=1, descriptors=9)

    flat = [sample(50 * 2**20) for _ in range(30)]
    assert soak.Soak(60, flat, 1, 1, 1, left=0).held
    assert not soak.Soak(60, flat, 1, 1, 1, left=1).held
    grown = [*flat[:25], *(sample(53 * 2**20) for _ in range(5))]
    assert not soak.Soak(60, grown, 1, 1, 1, left=0).held
    assert soak.Soak(1, grown, 1, 1, 1, left=0).held, "too short to tell"
    warmed_up = [*(sample(40 * 2**20) for _ in range(5)), *flat[5:]]
    assert soak.Soak(60, warmed_up, 1, 1, 1, left=0).held


@pytest.mark.slow
def test_what_a_request_executes_is_nearly_the_same_number_each_time(tmp_path: Path) -> None:
    db = stand.store(tmp_path, "http://127.0.0.1:9")
    first, second = bytecodes.counted(db), bytecodes.counted(db)
    assert list(first) == list(bytecodes.MODES)
    for mode, one in first.items():
        assert second[mode].bytecodes == pytest.approx(one.bytecodes, rel=0.01)  # leases come when they come
        assert one.bytecodes > one.calls > 0
        assert sum(codes for _, codes, _ in one.functions) == one.bytecodes
        assert any(name.startswith("listener/hot_protocol.py:") for name, _, _ in one.functions)


@pytest.mark.torture
@pytest.mark.skipif(
    not is_long(), reason="the curve takes long, and its parts are those of the control plane"
)
def test_the_curve_is_written_to_its_own_place(tmp_path: Path) -> None:
    file = tmp_path / "performance.md"
    file.write_text(CURVE, encoding="utf-8")
    done = bench("--smoke", "--only", "curve", "--write", str(file), "--python", sys.executable)
    assert done.returncode == 0, done.stderr
    written = file.read_text(encoding="utf-8")
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
    file = tmp_path / "performance.md"
    file.write_text(f"{document.CONTROL.end}\n{document.CONTROL.begin}\n", encoding="utf-8")
    assert run.main(["--smoke", "--write", str(file)]) == 2
    assert run.main(["--smoke", "--write", str(tmp_path / "none.md")]) == 2
    file.write_text(CONTROL, encoding="utf-8")
    assert run.main(["--smoke", "--write", str(file)]) == 2
    for only in ("curve", "data"):
        assert run.main(["--smoke", "--only", only, "--write", str(file)]) == 2
    assert soak.main(["--write", str(file)]) == 2
    assert peers.main(["--write", str(file)]) == 2


def test_a_part_of_the_data_plane_does_not_replace_all_of_its_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "performance.md"
    file.write_text(DOCUMENT, encoding="utf-8")
    assert run.main(["--smoke", "--only", "calls", "--write", str(file)]) == 2
    assert "--only data measures all of it" in capsys.readouterr().err


def test_the_record_of_figures_has_their_places() -> None:
    text = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    every = (document.CONTROL, document.DATA, document.CURVE, document.PEERS, document.SOAK)
    lines = [line for one in every for line in (one.begin, one.end)]
    assert [text.count(line) for line in lines] == [1] * len(lines)
    assert lines == sorted(lines, key=text.index)


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


def a_run(rate: float = 1.0, processor: float = 1.0, busy: float = 0.5, p50: float = 1.0) -> stand.Run:
    outcome = loader.Outcome(rate=rate, p50=p50, p99=p50, total=1, errors=0, processor=1.0, elapsed=1.0)
    return stand.Run(outcome, processor, busy)


def test_without_nginx_the_gateway_stands_alone() -> None:
    runs = {mode: {stand.GATEWAY: [a_run()]} for mode in data_plane.MODES}
    assert "nginx was not installed" in data_plane.report(runs)
    assert data_plane.goals(runs) == ()
    both = {mode: {stand.GATEWAY: [a_run()], stand.NGINX: [a_run()]} for mode in data_plane.MODES}
    assert "nginx was not installed" not in data_plane.report(both)
    assert len(data_plane.goals(both)) == len(data_plane.RATE_GOALS) + len(data_plane.CPU_GOALS)
    alone = {stand.DIRECT: [a_run()], stand.GATEWAY: [a_run()]}
    assert "nginx was not installed" in one_core.report(alone)


def test_where_the_ends_are_the_limit_processor_time_is_compared() -> None:
    ours = [a_run(rate=10, processor=4.0)]
    assert data_plane.share(ours, [a_run(rate=40, processor=1.0)]).middle == 0.25
    assert data_plane.share(ours, [a_run(rate=20, processor=1.0, busy=0.99)]).middle == 0.25


def test_what_a_proxy_adds_is_beyond_the_upstream_of_the_same_round() -> None:
    runs = {
        stand.DIRECT: [a_run(p50=1.0), a_run(p50=2.0)],
        stand.NGINX: [a_run(p50=2.0), a_run(p50=3.0)],
        stand.GATEWAY: [a_run(p50=4.0), a_run(p50=5.0)],
    }
    assert one_core.added(runs, stand.GATEWAY, "p50") == [3.0, 3.0]
    assert one_core.compared(runs, "p50").middle == 3.0


def test_the_gateways_own_time_is_read_from_its_metrics() -> None:
    name = "routerctl_gateway_overhead_seconds"
    told = "".join(
        f'{name}_bucket{{{labels}le="{bound}"}} {count}\n'
        for labels in ('endpoint="chat",', 'endpoint="embeddings",')
        for bound, count in (("0.0001", 30.0), ("0.0005", 49.0), ("+Inf", 50.0))
    )
    text = one_core.own_time(f"# HELP {name} Its own time.\n{told}{name}_count 100.0\n")
    assert "at most 0.10 ms of half of the requests" in text
    assert one_core.own_time("") == "The gateway told nothing of its own time."


def test_a_goal_is_held_by_the_median() -> None:
    spread = figures.Spread(0.3, 0.6, 0.9)
    assert figures.Goal("rate", spread, figures.times, least=0.5).held
    assert not figures.Goal("rate", spread, figures.times, least=0.65).held
    assert not figures.Goal("cost", spread, figures.times, most=0.5).held
    text = figures.goals_table([figures.Goal("cost", spread, figures.times, most=0.6)])
    assert "| 0.60x (0.30x to 0.90x) | <= 0.60x |  yes |" in text


def test_others_that_cannot_be_had_are_left_out(tmp_path: Path) -> None:
    def fails(_: Path) -> str:
        raise processes.Failed("no network")

    said: list[str] = []
    other = Peer("Other", fails, PEERS[0].serve, lambda _: [])
    assert peers.installed([other], tmp_path, said.append) == []
    assert "Other can't be installed, and is left out: no network" in said
    runs = {peers.PLAIN: {stand.GATEWAY: [a_run(rate=500)], LITELLM: [a_run(rate=2)]}}
    text = peers.report(runs, [], ["Portkey did not start."])
    assert "no other gateway was installed" in text
    assert "- Portkey did not start." in text
    assert "250.0x" in text


def test_another_python_gets_the_same_arguments_and_packages() -> None:
    given = ["--quick", "--python", "python9", "--only", "load"]
    assert interpreter.option(given) == "python9"
    assert interpreter.without_option(given) == ["--quick", "--only", "load"]
    assert interpreter.option(["--python=python9"]) == "python9"
    assert interpreter.without_option(["--python=python9", "--smoke"]) == ["--smoke"]
    assert interpreter.option(["--smoke"]) is None
    assert interpreter.choose(sys.executable).python is None
    assert interpreter.choose("/no/python").python == "/no/python"
    assert interpreter.choose(None, folders=[]).python is None
    with pytest.raises(SystemExit, match="2"):
        interpreter.use_the_best(["run.py", "--python", "/no/python"], lambda _: None)
    assert interpreter.environment()["PYTHONPATH"].startswith(str(ROOT))


@pytest.mark.parametrize("whole", [True, False])
def test_the_loader_looks_at_answers_until_it_knows_their_length(*, whole: bool) -> None:
    load = loader.Load("http://127.0.0.1:9", mixed=True, abort_every=7)
    assert {(len(question) > 50_000, stream) for question, stream in loader.questions(load)} == {
        (False, False),
        (False, True),
        (True, False),
    }
    answer = upstream.PLAIN if whole else upstream.PLAIN[:-1]
    assert loader.is_right(answer, stream=False) is whole
    assert loader.is_right(answer, stream=False, loose=True)


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
