from pathlib import Path

import pytest
from fakes.keys import client_key
from fakes.states import stored

from reconciler.cli.key_output import rotated_lines, save_manifest, show_key, shown_if_stored
from reconciler.errors import InvalidInput, StoreError, TimedOut, Unreachable, WorkerRefused
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.key_text import mint

KEY = mint("rk")
TEAM = ResourceKey("ClientKey", "default", "team")


def test_a_key_stands_alone_on_stdout_or_beside(capsys: pytest.CaptureFixture[str]) -> None:
    show_key(KEY, TEAM)
    told = capsys.readouterr()
    assert told.out == f"{KEY.text}\n"
    assert "only time" in told.err
    show_key(KEY, TEAM, beside=True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("error", "shown"),
    [(Unreachable("x"), True), (TimedOut("x"), True), (WorkerRefused("x"), True), (StoreError("x"), False)],
)
def test_it_is_shown_where_it_was_stored(
    error: Exception, shown: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(type(error)), shown_if_stored(KEY, TEAM):
        raise error
    assert (KEY.text in capsys.readouterr().out) is shown


def test_a_manifest_goes_to_a_new_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.yaml"
    save_manifest("kind: X\n", str(file))
    assert file.read_text() == "kind: X\n"
    assert "commit it" in capsys.readouterr().err
    with pytest.raises(InvalidInput, match="is there already"):
        save_manifest("", str(file))
    with pytest.raises(InvalidInput, match="can't be written"):
        save_manifest("", str(tmp_path / "no" / "a.yaml"))
    save_manifest("kind: Y\n", "-")
    assert capsys.readouterr().out == "kind: Y\n"


def test_no_key_is_said_to_be_accepted_that_is_not() -> None:
    ends = {"a": 100.0, "b": 3600.0}
    assert [*rotated_lines(stored(client_key("team")), ["a", "b"], ends, 100.0)] == [
        "Its key a is accepted no more.",
        "Its key b is accepted until 1970-01-01T01:00:00Z.",
    ]
    disabled = stored(client_key("team", enabled=False))
    (line,) = rotated_lines(disabled, ["b"], ends, 100.0)
    assert line.endswith("this one neither: spec.enabled is false.")
    ended = stored(client_key("team", expires="1970-01-01T00:02:00Z"))
    assert [*rotated_lines(ended, [], {}, 100.0)] == [
        "The new one ends with its ClientKey, at 1970-01-01T00:02:00Z: spec.expires."
    ]
    (line,) = rotated_lines(ended, ["b"], ends, 120.0)
    assert line.endswith("this one neither: its spec.expires has passed.")
