from pathlib import Path

import pytest
from fakes.states import stored
from fakes.workshop import simulator

from reconciler.control.legacy_files import LegacyFiles, LegacyIntake
from reconciler.control.source import LEGACY_SOURCE
from reconciler.errors import InvalidInput, Refused
from reconciler.resources.state import State


def test_a_file_is_declared_by_a_source_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("LM_STUDIO_BASE_URL=http://x\nPORT=1\n")
    origin = LegacyFiles((str(file),), State)
    found = origin.files(lambda: ())
    assert origin.name == LEGACY_SOURCE
    assert found.source is not None
    assert (found.source.name, found.source.relative(str(file)), found.paths) == (
        LEGACY_SOURCE,
        ".env",
        (str(tmp_path),),
    )
    intake = LegacyIntake((str(file),), {})(found.paths)
    assert [str(each.key) for each in intake.declared] == ["Provider/lm-studio-default", "Settings/default"]
    assert [problem.warning for problem in intake.problems] == [True]
    file.write_text("LM_STUDIO_BASE_URL=http://x\n")
    assert LegacyIntake((str(file),), {})(()).problems == ()
    file.unlink()
    with pytest.raises(InvalidInput):
        LegacyIntake((str(file),), {})(())


def test_what_others_wrote_ends_it() -> None:
    with pytest.raises(Refused, match="legacy mode has ended"):
        LegacyFiles(("/x/.env",), lambda: State([stored(simulator())])).files(lambda: ())
