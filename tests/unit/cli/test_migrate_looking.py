"""The rest is shown by tests/unit/cli/commands/test_migrate.py."""

from pathlib import Path

import pytest
from fakes.foreign_config import oxide

from reconciler.cli.migrate_looking import look
from reconciler.cli.session import Session
from reconciler.control.importing.reading import AUTO, Reading
from reconciler.errors import InvalidInput


def test_oxides_own_folder_is_looked_at_where_no_path_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    session = Session({"HOME": str(tmp_path)}, str(tmp_path / "s.db"))
    reading = Reading(session.environ, "default", AUTO)
    with pytest.raises(InvalidInput, match="nothing was found"):
        look(session, reading, ())
    (tmp_path / ".oxide").mkdir()
    (tmp_path / ".oxide" / "x.yaml").write_text("services: {a: {type: http, base_url: 'http://x'}}\n")
    assert [str(place) for place in look(session, reading, ()).places] == [".", str(tmp_path / ".oxide")]
    assert len(look(session, reading, (tmp_path / ".oxide" / "x.yaml",)).found) == 1


def test_databases_count_before_files_wherever_they_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Oxide ignores its YAML as soon as it has a database."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "default.yaml").write_text("services: {a: {type: http, base_url: 'http://x'}}\n")
    (tmp_path / ".oxide").mkdir()
    oxide(tmp_path / ".oxide" / "config.db", None)
    session = Session({"HOME": str(tmp_path)}, str(tmp_path / "s.db"))
    found = look(session, Reading(session.environ, "default", AUTO), ()).found
    assert [form.rpartition(": ")[2] for each in found for form in each.forms] == [
        "Oxide's database",
        "Oxide's YAML",
    ]
