import subprocess
from pathlib import Path

from fakes.importing import key

from reconciler.cli.import_output import (
    exposure,
    found_lines,
    needed,
    next_lines,
    referred,
    report_lines,
    written_lines,
)
from reconciler.control.importing.findings import Findings, FoundSecret
from reconciler.control.importing.oxide_sources import import_oxide
from reconciler.control.manifest.round_trip.folder import FolderPlan
from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource
from reconciler.secrets.value import SecretValue


def secret(origin: str) -> FoundSecret:
    return FoundSecret(
        origin, "KEY", SecretValue("s3cret"), key("Provider", "p"), ("config", "apiKey"), "P_API_KEY"
    )


def provider(name: str, variable: str) -> Resource:
    return Resource(
        key("Provider", name), {"type": "lm-studio", "config": {"apiKey": {"valueFrom": {"env": variable}}}}
    )


def test_a_value_in_a_tracked_file_is_in_git_history(tmp_path: Path) -> None:
    for name in ("in.env", "out.env"):
        (tmp_path / name).touch()
    subprocess.run(["git", "init", "-q", tmp_path], check=True, timeout=120)
    subprocess.run(["git", "-C", tmp_path, "add", "in.env"], check=True, timeout=120)
    found = Findings(secrets=(secret(f"{tmp_path}/in.env"), secret(f"{tmp_path}/out.env")))
    lines = report_lines(found, exposure(found), variables=False)
    assert sum("is in git history" in line for line in lines) == 1
    assert sum("is in a file" in line for line in lines) == 1
    assert "s3cret" not in "".join(lines)


def test_variables_are_those_that_the_manifests_name() -> None:
    found = Findings(
        resources=(provider("p", "P_API_KEY"), provider("q", "Q_API_KEY"), Resource(key("Model", "m"), {})),
        secrets=(secret("f"),),
    )
    assert needed(found) == ["P_API_KEY", "Q_API_KEY"]
    assert referred(found) == ["Q_API_KEY"]


def test_nothing_is_said_plainly() -> None:
    assert found_lines(Findings(forms=("f: x",)))[-1] == "  nothing to carry over"
    assert report_lines(Findings(), {}, variables=True) == []
    kept = written_lines(FolderPlan(Path(), (), (), ()), ("a.yaml",), "out", dry_run=False)
    assert "all is as it was" in kept[1]
    assert "a.yaml" in kept[2]


def test_what_comes_next_works_when_it_is_pasted() -> None:
    assert (
        next_lines("routerctl", Findings(), Path("my dir"), dry_run=False)[1]
        == "  routerctl lint -f 'my dir'"
    )
    assert next_lines("routerctl", Findings(), None, dry_run=False) == ["Next:", "  routerctl serve"]
    assert next_lines("routerctl", Findings(), Path("x"), dry_run=False, remote=True)[-1] == (
        "  routerctl apply -f x"
    )
    services: JsonObject = {
        "bare": {"type": "http", "base_url": "http://a"},
        "off": {"type": "http", "base_url": "http://b", "enabled": False},
        "whole": {"type": "http", "base_url": "http://c", "default_model": "m"},
    }
    found = import_oxide({"services": services}, "o")
    assert any("nobody can ask bare yet" in warning for warning in found.warnings)
    told = next_lines("routerctl", found, Path("x y"), dry_run=False)
    assert told[-1] == "  routerctl model sync bare --save 'x y'"
    assert next_lines("routerctl", found, None, dry_run=False)[-1] == "  routerctl model sync bare --apply"
