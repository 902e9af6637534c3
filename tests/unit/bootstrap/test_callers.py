import os

import pytest

from reconciler.bootstrap.callers import this_user


def test_it_is_the_user_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "eve")
    monkeypatch.setenv("USER", "eve")
    assert this_user().is_local
    assert "eve" not in this_user().name


def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(uid: int) -> None:
        raise KeyError

    monkeypatch.setattr("reconciler.bootstrap.callers.pwd.getpwuid", nobody)
    assert this_user().name == f"local:{os.getuid()}"
