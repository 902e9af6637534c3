import os
from pathlib import Path

import pytest
from fakes.programs import ENVIRON, program, script

from reconciler.errors import InvalidInput, NotTrusted, RouterctlError
from reconciler.settings import Reach
from reconciler.snapshot.programs import built_from, locate, program_of, resolve_folder


def test_a_program_that_is_allowed_is_resolved_at_each_start(tmp_path: Path) -> None:
    real = script(tmp_path, "real", "cat")
    link = tmp_path / "tool"
    link.symlink_to(real)
    made = program(link, args=["-m", "{model}"])
    start = made.start("qwen3", "hi")
    assert (start.path, start.argv, start.folder) == (str(real), (str(link), "-m", "qwen3"), None)
    assert made.by_stdin
    link.unlink()
    link.symlink_to("/bin/ls")
    assert made.start("m", "").path == os.path.realpath(
        "/bin/ls"
    )  # what is allowed is a link that now leads there


def test_a_link_that_leads_elsewhere_needs_a_permission_of_its_own(tmp_path: Path) -> None:
    allowed, link = script(tmp_path, "allowed", "cat"), tmp_path / "link"
    link.symlink_to(allowed)
    made = program_of({"executable": str(link)}, Reach(executables=(str(allowed),)), ENVIRON)
    link.unlink()
    link.symlink_to("/bin/sh")
    with pytest.raises(NotTrusted, match="not among those"):
        made.start("m", "")


def test_the_prompt_is_standard_input_or_an_argument(tmp_path: Path) -> None:
    path = script(tmp_path, "tool", "cat")
    asked = program(path, args=["-p", "{prompt}"])
    assert not asked.by_stdin
    assert asked.start("m", "--yolo").argv[1:] == ("-p", " --yolo")


def test_names_are_looked_up_in_the_path(tmp_path: Path) -> None:
    path = script(tmp_path, "tool", "cat")
    found, real = locate("tool", str(tmp_path), Reach(executables=(str(path),)))
    assert found == real == str(path)
    with pytest.raises(InvalidInput, match="no program missing in PATH"):
        locate("missing", str(tmp_path), Reach())


def test_without_permission_nothing_is_told_of_the_file(tmp_path: Path) -> None:
    for path in (tmp_path / "absent", Path("/bin/sh")):
        with pytest.raises(NotTrusted) as caught:
            locate(str(path), None, Reach(executables=("/opt/other",)))
        assert caught.value.hint == f"start with --allow-exec {os.path.realpath(path)}"


def test_what_is_allowed_and_can_not_be_run(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("")
    for path, words in (
        (tmp_path / "absent", "no such file"),
        (plain, "no executable file"),
        (tmp_path, "no executable"),
    ):
        with pytest.raises(InvalidInput, match=words):
            locate(str(path), None, Reach(executables=(str(path),)))


def test_it_gets_three_variables_and_those_that_are_named_and_allowed(tmp_path: Path) -> None:
    path = script(tmp_path, "tool", "cat")
    environ = {**ENVIRON, "A_TOKEN": "canary-1", "OTHER": "x", "ROUTERCTL_DB": "y"}
    made = program(path, environ, environment=["A_TOKEN", "B_TOKEN", "HOME"])
    assert made.environment == {"NO_COLOR": "1", "TERM": "dumb", **ENVIRON, "A_TOKEN": "canary-1"}
    assert made.masked == ("canary-1",)
    assert "canary" not in repr(made)
    assert built_from(made)["environment.A_TOKEN"] == "canary-1"
    for name in ("OTHER", "ROUTERCTL_DB"):
        with pytest.raises(NotTrusted):
            program(path, environ, environment=[name])


def test_it_works_where_programs_may(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in" / "below", tmp_path / "out"
    inside.mkdir(parents=True)
    outside.mkdir()
    reach = Reach(work_folders=(str(tmp_path / "in"),))
    assert resolve_folder(str(inside), reach) == str(inside)
    (tmp_path / "in" / "link").symlink_to(outside)
    for folder, words in (
        (outside, "--allow-dir"),
        (tmp_path / "in" / "link", "--allow-dir"),
        (tmp_path / "in" / "no", "make it"),
    ):
        with pytest.raises(RouterctlError) as caught:
            resolve_folder(str(folder), reach)
        assert words in str(caught.value.hint)
    path = script(tmp_path, "tool", "cat")
    assert program(path, workingDirectory=str(inside)).start("m", "").folder == str(inside)


def test_other_systems_are_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = script(tmp_path, "tool", "cat")
    monkeypatch.delattr(os, "pidfd_open")
    with pytest.raises(InvalidInput, match="need Linux"):
        program(path)


def test_odd_names_are_shown_escaped() -> None:
    with pytest.raises(NotTrusted, match=r"\\x1b"):
        locate("/a\x1b[2J", None, Reach())
