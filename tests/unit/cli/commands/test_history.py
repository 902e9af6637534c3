import json

import pytest
from fakes.command import Routerctl, served
from fakes.store import commit_all


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


def test_the_manager_is_told_where_there_is_room(filled: Routerctl) -> None:
    wide = filled.ok("history", "-o", "wide").splitlines()
    assert "MANAGER" in wide[0]
    assert [f"git:{filled.manifests}" in line for line in wide[1:]] == [False, True, True]
    assert "MANAGER" not in filled.ok("history")


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
    commit_all(routerctl.db)
    assert routerctl.ok("history") == "No revisions yet.\n"
    assert routerctl.ok("history", "-o", "name") == ""
    assert routerctl.ok("history", "-o", "yaml") == ""


def test_those_that_touched_a_resource(filled: Routerctl) -> None:
    assert filled.ok("history", "provider/m", "-o", "name") == "revision/3\nrevision/2\nrevision/1\n"
    assert filled.ok("history", "--limit", "9", "model", "m", "-o", "name") == "revision/1\n"
    assert filled.ok("history", "model/m", "provider/m", "--limit", "1", "-o", "name") == "revision/3\n"
    assert filled.ok("history", "-n", "elsewhere", "-o", "name") == ""
    assert filled.ok("history", "-n", "default", "--limit", "1", "-o", "name") == "revision/3\n"


def test_what_no_revision_knows_is_not_found_as_with_get(filled: Routerctl) -> None:
    done = filled("history", "provider/nope")
    assert (done.code, done.out) == (3, "")
    assert "Provider/nope does not exist" in done.err
    assert "get providers" in done.err
    done = filled("history", "provider/nope", "provider/m", "provider/not", "--limit", "1", "-o", "name")
    assert (done.code, done.out) == (3, "revision/3\n")
    assert "Provider/nope, Provider/not do not exist" in done.err
    done = filled("history", "provider/m", "-n", "elsewhere")
    assert (done.code, "get providers -n elsewhere" in done.err) == (3, True)
    done = filled("history", "--source", "github.com/acme/nope")
    assert (done.code, done.out) == (3, "")
    assert "no revision came from the source github.com/acme/nope" in done.err
    assert filled.ok("history", "provider/m", "--since", "2999-01-01") == "No revision fits.\n"


def test_by_whom_from_where_and_since(filled: Routerctl) -> None:
    author = filled.ok("show", "1", "-o", "jsonpath={.actor}").strip()
    assert filled.ok("history", "--author", author, "--limit", "1", "-o", "name") == "revision/3\n"
    assert filled.ok("history", "--author", "nobody") == "No revision fits.\n"
    source = str(filled.manifests)
    assert filled.ok("history", "--source", source, "-o", "name") == "revision/2\nrevision/1\n"
    assert filled.ok("history", "--since", "1d", "--limit", "1", "-o", "name") == "revision/3\n"
    assert filled.ok("history", "--since", "2999-01-01", "-o", "name") == ""


@pytest.mark.parametrize("words", [["verfy"], ["models"], ["--since", "soon"], ["nothing/m"]])
def test_what_can_not_be_meant(filled: Routerctl, words: list[str]) -> None:
    assert filled("history", *words).code in (2, 3)


def test_its_help_names_its_parts(filled: Routerctl) -> None:
    shown = filled.ok("history", "--help")
    assert "verify  Recompute the record" in shown
    assert "prune   Remove old contents" in shown
    for part in ("verify", "prune"):
        assert f"Example: routerctl history {part}" in filled.ok("history", part, "--help")
