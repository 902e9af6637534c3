import json
from datetime import UTC, datetime

import pytest

from reconciler.cli.resource_output import Row
from reconciler.cli.watch_output import WatchPrinter
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.store.records import EventType

NOW = datetime(2026, 1, 3, tzinfo=UTC)


def row(name: str, kind: str = "Model") -> Row:
    resource = Resource(ResourceKey(kind, "default", name), {})
    return Row(StoredResource(resource, "uid", 2, 7, "2026-01-01T00:00:00Z", 4), NOW)


def shown(
    capsys: pytest.CaptureFixture[str], output: str, *groups: list[tuple[EventType, Row]], typed: bool = False
) -> str:
    printer = WatchPrinter(output, namespaces=False, prefix=False, typed=typed)
    for group in groups:
        printer.show(group)
    return capsys.readouterr().out


def test_a_table_goes_on_below_its_titles(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, "table", [("ADDED", row("a-long-one"))], [], [("MODIFIED", row("b"))])
    names = [line.split()[0] for line in out.splitlines()]
    assert names == ["NAME", "a-long-one", "b"]
    assert len({line.index("-  ", 11) for line in out.splitlines()[1:]}) == 1


def test_another_kind_has_titles_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(
        capsys,
        "wide",
        [("ADDED", row("a")), ("ADDED", row("b", "Binding")), ("DELETED", row("c"))],
        typed=True,
    )
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["EVENT", "NAME"], ["ADDED", "a"], ["EVENT", "NAME"], ["ADDED", "b"], ["EVENT", "NAME"], ["DELETED", "c"]
    ]  # fmt: skip


def test_objects_one_after_another(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "name", [("ADDED", row("a"))]) == "model/a\n"
    assert shown(capsys, "name", [("DELETED", row("a"))], typed=True) == "model/a DELETED\n"
    assert json.loads(shown(capsys, "json", [("ADDED", row("a"))]))["metadata"]["name"] == "a"
    typed = json.loads(shown(capsys, "json", [("DELETED", row("a"))], typed=True))
    assert (typed["type"], typed["object"]["metadata"]["name"]) == ("DELETED", "a")
    assert shown(capsys, "yaml", [("ADDED", row("a")), ("ADDED", row("b"))]).count("---\n") == 1
    assert (
        shown(capsys, "jsonpath={.metadata.name}", [("ADDED", row("a"))], [("ADDED", row("b"))]) == "a\nb\n"
    )
