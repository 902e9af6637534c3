from pathlib import Path

import pytest
from fakes.command import manifest, served

from reconciler.cli.intaking import note, read_all, wanted_of
from reconciler.cli.session import Session
from reconciler.errors import InvalidInput
from reconciler.resources.resource import ResourceKey


def test_warnings_are_printed_but_with_errors_which_are_told_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = manifest("Secret", "s", {"data": {"K": {"value": "sk-canary"}}})
    (tmp_path / "a.yaml").write_text(secret)
    assert read_all(Session({}), [str(tmp_path)]).errors == ()
    err = capsys.readouterr().err
    assert (err.count(": warning: Secret/s: spec.data.K: "), "canary" in err) == (1, False)
    (tmp_path / "b.yaml").write_text(manifest("Model", "m", {"zzz": 1}))
    assert len(read_all(Session({}), [str(tmp_path)]).errors) == 1
    assert capsys.readouterr().err == ""


def test_what_files_want(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(served("m"))
    wanted = wanted_of(Session({}, namespace="team"), [str(tmp_path)], None, "here", prune=True)
    assert ResourceKey("Model", "team", "m") in wanted.declared
    assert (wanted.manager, wanted.prune, wanted.force) == ("git:here", True, False)


def test_what_is_invalid_is_not_wanted(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(manifest("Model", "m", {"zzz": 1}))
    with pytest.raises(InvalidInput, match="zzz"):
        wanted_of(Session({}), [str(tmp_path)], None, None)


def test_a_word_beside_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    note("by the way")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "by the way\n")
