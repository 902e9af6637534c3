import io
import sys

import pytest

from reconciler.cli.provider_edit_questions import ask_edit
from reconciler.control.imperative.assigning import fieldset


def test_only_what_the_type_takes_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("-\n\n3\n\n"))
    found = ask_edit({"displayName": "S", "priority": 1}, fieldset("Provider", "simulator"))
    assert found == {("displayName",): None, ("priority",): 3}
    asked = capsys.readouterr().err
    assert ("displayName [S]" in asked, "baseURL" in asked, "API key" in asked) == (True, False, False)
