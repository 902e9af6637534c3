import json
from pathlib import Path

import pytest

from reconciler.cli.save_options import Saving
from reconciler.cli.saved_output import print_saved
from reconciler.cli.write_options import Asked
from reconciler.control.manifest.round_trip.folder import FileChange, FolderPlan
from reconciler.resources.resource import ResourceKey

KEY = ResourceKey("Model", "default", "m")
PLAN = FolderPlan(Path("/m"), (FileChange("a.yaml", b"a: 1\n", b"a: 2\n", (KEY,)),), (), ())


def said(
    capsys: pytest.CaptureFixture[str], plan: FolderPlan, asked: Asked, saving: Saving
) -> tuple[str, str]:
    print_saved(plan, asked, saving)
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_what_was_written(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = said(capsys, PLAN, Asked(), Saving("m"))
    assert (out, "The store is as it was" in err) == ("updated   a.yaml  (Model/m)\n", True)
    assert said(capsys, PLAN, Asked(), Saving("m", apply=True)) == ("updated   a.yaml  (Model/m)\n", "")
    assert said(capsys, PLAN, Asked(output="name"), Saving("m")) == ("model/m\n", "")
    out, _ = said(capsys, PLAN, Asked(output="json"), Saving("m"))
    assert json.loads(out)["files"][0]["path"] == "a.yaml"


def test_data_of_the_store_stands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = said(capsys, PLAN, Asked(output="json"), Saving("m", apply=True))
    assert (out, err) == ("", "updated   a.yaml  (Model/m)\n")


def test_what_would_be_written_and_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, PLAN, Asked(dry_run=True), Saving("m"))
    assert ("-a: 1\n+a: 2\n" in out, out.endswith("Dry run: nothing was written.\n")) == (True, True)
    nothing = FolderPlan(Path("/m"), (), (), ())
    out, err = said(capsys, nothing, Asked(), Saving("m"))
    assert (out, err) == ("The manifests say so already: no file was changed.\n", "")
