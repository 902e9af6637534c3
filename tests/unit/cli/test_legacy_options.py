"""Both commands are shown by tests/behaviour/test_legacy_mode_serves_a_file_until_it_is_migrated.py."""

from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest

from reconciler.bootstrap.supervisor import SupervisorSettings
from reconciler.cli.legacy_options import in_legacy_mode
from reconciler.cli.session import Session
from reconciler.settings import Reach


def settings(session: Session) -> SupervisorSettings:
    return SupervisorSettings(session.location, Reach(), session.environ)


def test_settings_gain_the_files_or_stay(
    routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(routerctl.folder)
    plain = Session({}, str(routerctl.db))
    assert in_legacy_mode(plain, settings(plain), None) == settings(plain)
    Path(".env").write_text("LM_STUDIO_BASE_URL=http://127.0.0.1:9/v1\n")
    assert not in_legacy_mode(plain, settings(plain), None).legacy
    assert "routerctl migrate brings it over" in capsys.readouterr().err
    flagged = Session({"USE_LEGACY_CONFIG": "true"}, str(routerctl.db))
    found = in_legacy_mode(flagged, settings(flagged), None)
    assert (found.legacy, found.watch, [Path(each).name for each in found.paths]) == (True, True, [".env"])
    routerctl.apply(manifest("Model", "m"))
    assert not in_legacy_mode(flagged, settings(flagged), None).legacy
    assert "Remove USE_LEGACY_CONFIG" in capsys.readouterr().err
