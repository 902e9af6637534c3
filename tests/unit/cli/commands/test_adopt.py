import json

import pytest
from fakes.command import Routerctl, manifest, served
from fakes.store import SteppingClock

from reconciler.clock import SystemClock, precise_timestamp
from reconciler.store.source_status import SourceStatus, put
from reconciler.store.url import parse


@pytest.fixture
def other(routerctl: Routerctl) -> Routerctl:
    """What another source applied, and a folder whose source shall have it."""
    routerctl.write("../old/a.yaml", served("m"))
    routerctl.ok("apply", "-f", routerctl.folder / "old", "--source", "old")
    routerctl.write("a.yaml", served("m", priority=3))
    return routerctl


def source_of(routerctl: Routerctl, what: str) -> str:
    return routerctl.ok("describe", what).partition("Source:")[2].split()[0]


def test_resources_come_under_the_source_of_files(other: Routerctl) -> None:
    out = other.ok("adopt", "provider/m", "model/m", "-f", other.manifests)
    assert out.splitlines() == [
        "adopted   Provider/m  from git:old",
        "adopted   Model/m  from git:old",
        f"An apply from {other.manifests} would then do:",
        "~ Provider/m  (a.yaml)",
        "    spec.priority: 0 (default) → 3" if "(default) →" in out else "    spec.priority: 0 → 3",
        "1 to update, against revision 1.",
        "No value changed, so no revision was made.",
    ]
    assert source_of(other, "provider/m") == str(other.manifests)
    assert source_of(other, "binding/m") == "old"


def test_a_known_source_needs_no_files(other: Routerctl) -> None:
    other.write("../third/b.yaml", manifest("Model", "third"))
    other.ok("apply", "-f", other.folder / "third", "--source", "third")
    out = other.ok("adopt", "model", "m", "--source", "third")
    assert "Not seen in its files: Model/m. Declare them, or its next --prune deletes them.\n" in out
    done = other("adopt", "model", "m", "--source", "thrid")
    assert (done.code, "known are: old, third" in done.err) == (3, True)


def test_a_dry_run_changes_nothing(other: Routerctl) -> None:
    out = other.ok("adopt", "provider/m", "-f", other.manifests, "--dry-run")
    assert out.endswith("Dry run: nothing was changed.\n")
    assert source_of(other, "provider/m") == "old"


def test_for_programs(other: Routerctl) -> None:
    told = json.loads(other.ok("adopt", "provider/m", "-f", other.manifests, "-o", "json"))
    assert (told["source"], told["dryRun"], told["next"]["summary"]["update"]) == (
        str(other.manifests),
        False,
        1,
    )
    assert told["adopted"] == [
        {"key": "Provider/m", "changed": True, "from": ["git:old"], "sharedWith": [], "declared": True}
    ]


def test_a_source_that_is_kept_up_gives_nothing_away_but_by_force(other: Routerctl) -> None:
    now = precise_timestamp(SystemClock().now())
    put(parse(str(other.db)).records_path, SourceStatus(("old",), "old", now))
    done = other("adopt", "provider/m", "-f", other.manifests)
    assert (done.code, "Provider/m: old" in done.err, "--force" in done.err) == (4, True, True)
    other.ok("adopt", "provider/m", "-f", other.manifests, "--force")
    stale = precise_timestamp(SteppingClock().now())
    put(parse(str(other.db)).records_path, SourceStatus(("old",), "old", stale))
    other.ok("adopt", "model/m", "-f", other.manifests)


def test_somebody_must_adopt_something_that_is_there(other: Routerctl) -> None:
    assert other("adopt", "provider/m").code == 2
    assert other("adopt", "provider/zzz", "-f", other.manifests).code == 3
    assert other("adopt", "provider/m", "-f", "-", stdin=served("m")).code == 3
    assert other.plain("--db", other.folder / "none.db", "adopt", "model/m", "--source", "x").code == 5
