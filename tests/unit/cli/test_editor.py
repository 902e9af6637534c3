import signal
import stat
import sys
from pathlib import Path

import pytest

from reconciler.cli.editor import draft
from reconciler.errors import InvalidInput

PYTHON = f"{sys.executable} -S -c"
APPENDS = f"""{PYTHON} 'import sys; open(sys.argv[1], "a").write("more")'"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def test_visual_counts_before_editor_and_the_file_is_gone_in_the_end(tmp_path: Path) -> None:
    with draft({"VISUAL": APPENDS, "EDITOR": "/no/such"}) as file:
        assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
        assert file.edit("text ") == "text more"
        assert file.edit("") == "more"
    assert list(tmp_path.iterdir()) == []


def test_what_was_written_is_kept_where_it_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def write_and_fail() -> None:
        with draft({"EDITOR": APPENDS}) as file:
            file.edit("text ")
            raise ValueError("later")

    with pytest.raises(ValueError, match="later"):
        write_and_fail()
    (kept,) = tmp_path.iterdir()
    assert (kept.read_text(), stat.S_IMODE(kept.stat().st_mode)) == ("text more", 0o600)
    assert capsys.readouterr().err == f"What you wrote is kept in {kept}\n"


@pytest.mark.parametrize(
    ("editor", "message"),
    [
        ("/no/such", "the editor /no/such can't be started: No such file"),
        (f"{PYTHON} 'raise SystemExit(3)'", "code 3"),
    ],
)
def test_an_editor_that_fails(tmp_path: Path, editor: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message), draft({"EDITOR": editor}) as file:
        file.edit("text")
    assert list(tmp_path.iterdir()) == []


def test_the_interrupt_key_is_the_editors(tmp_path: Path) -> None:
    interrupts = (
        "import os, signal, sys; os.kill(os.getppid(), signal.SIGINT); open(sys.argv[1], 'a').write('!')"
    )
    script = tmp_path / "interrupts.py"
    script.write_text(interrupts)
    before = signal.getsignal(signal.SIGINT)
    with draft({"EDITOR": f"{sys.executable} -S {script}"}) as file:
        assert file.edit("text") == "text!"
    assert signal.getsignal(signal.SIGINT) is before


def test_what_is_no_text_is_told_later(tmp_path: Path) -> None:
    script = tmp_path / "bytes.py"
    script.write_text("import sys; open(sys.argv[1], 'wb').write(b'a\\xff')")
    with draft({"EDITOR": f"{sys.executable} -S {script}"}) as file:
        assert file.edit("text") == "a\udcff"
