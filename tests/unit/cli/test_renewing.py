import json
from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest

from reconciler.cli.renewing import renew_files
from reconciler.cli.session import Session
from reconciler.control.manifest.document import InvalidManifests
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonValue
from reconciler.resources.resource import ResourceKey

SECRET = manifest("Secret", "s", {"data": {"K": {"value": "sk-1"}}})


def marked(_key: ResourceKey, _path: tuple[str, ...], written: JsonValue) -> str | None:
    return "s1-x" if written == {"value": "sk-1"} else None


def test_files_are_changed_in_place_with_their_mode(
    routerctl: Routerctl, capsys: pytest.CaptureFixture[str]
) -> None:
    file, other = routerctl.write("a.yaml", SECRET), routerctl.write("b/c.yaml", manifest("Model", "m"))
    file.chmod(0o640)
    before = other.stat().st_mtime_ns
    linked = routerctl.folder / "link.yaml"
    linked.symlink_to(file)
    renew_files(Session({}), [str(linked), str(routerctl.manifests)], marked, "sealed")
    assert json.loads(file.read_text().removeprefix("---"))["spec"]["data"] == {"K": {"sealed": "s1-x"}}
    assert (file.stat().st_mode & 0o777, other.stat().st_mtime_ns, linked.is_symlink()) == (
        0o640,
        before,
        True,
    )
    assert capsys.readouterr().out == f"sealed    Secret/s spec.data.K  ({linked})\n1 value sealed.\n"


def test_one_error_and_nothing_is_written(routerctl: Routerctl) -> None:
    file = routerctl.write("a.yaml", SECRET)
    routerctl.write("b.yaml", "kind: [")
    with pytest.raises(InvalidManifests, match=r"b\.yaml"):
        renew_files(Session({}), [str(routerctl.manifests)], marked, "sealed")
    with pytest.raises(InvalidManifests, match="none"):
        renew_files(Session({}), [str(file), str(Path("none"))], marked, "sealed")
    (routerctl.manifests / "b.yaml").write_bytes(b"\xff")
    with pytest.raises(InvalidInput, match="not UTF-8"):
        renew_files(Session({}), [str(routerctl.manifests)], marked, "sealed")
    assert file.read_text() == SECRET
