import json

import pytest
from fakes.command import Routerctl, served


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.apply(served("m"))
    routerctl.write("a.yaml", served("m", priority=2))
    routerctl.ok("apply", "-f", routerctl.manifests, "-m", "higher\nby one")
    routerctl.ok("rollback", "1")
    return routerctl


def test_revisions_newest_first_in_one_line_each(filled: Routerctl) -> None:
    lines = filled.ok("history").splitlines()
    assert [line.split()[0] for line in lines] == ["REVISION", "3", "2", "1"]
    assert lines[1].endswith("rollback to revision 1 (holds 1)")
    assert lines[2].endswith("higher\\nby one")
    assert [line.split()[5] for line in lines[1:]] == ["~1", "~1", "+3"]
    assert "sha256:" in filled.ok("history", "-o", "wide")


def test_as_many_as_asked(filled: Routerctl) -> None:
    assert filled.ok("history", "--limit", "1", "-o", "name") == "revision/3\n"
    assert filled.ok("history", "--all", "-o", "name") == "revision/3\nrevision/2\nrevision/1\n"


def test_for_programs(filled: Routerctl) -> None:
    items = json.loads(filled.ok("history", "-o", "json"))["items"]
    assert [(item["number"], item["parent"], item["operation"]) for item in items] == [
        (3, 2, "rollback"), (2, 1, "apply"), (1, 0, "apply")
    ]  # fmt: skip
    assert items[2]["changes"] == {"created": 3, "updated": 0, "deleted": 0}
    assert filled.ok("history", "-o", "jsonpath={.items[*].number}") == "3 2 1\n"
    assert filled.ok("history", "-o", "yaml").startswith("number: 3\nparent: 2\n")


def test_an_empty_store(routerctl: Routerctl) -> None:
    routerctl.ok("apply", "-f", "-")
    assert routerctl.ok("history") == "No revisions yet.\n"
    assert routerctl.ok("history", "-o", "name") == ""
    assert routerctl.ok("history", "-o", "yaml") == ""
