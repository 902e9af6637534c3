import io
import sys

import pytest

from reconciler.cli.confirming import Declined, confirm


@pytest.mark.parametrize(
    ("said", "agreed"), [("y\n", True), ("yes\n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_a_person_agrees_or_nothing_happens(
    said: str, *, agreed: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(said))
    if agreed:
        confirm("Go on?", yes=False)
    else:
        with pytest.raises(Declined, match="nothing was done") as declined:
            confirm("Go on?", yes=False)
        assert declined.value.exit_code == 2
    assert "Go on? [y/N]" in capsys.readouterr().err


def test_yes_asks_nobody(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    confirm("Go on?", yes=True)
    assert capsys.readouterr().err == ""
