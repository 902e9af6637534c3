"""The editor is a function here; tests of the command start one."""

from collections.abc import Callable

import pytest
from fakes.command import Routerctl, served

from reconciler.cli.editing import edit
from reconciler.cli.editor import Draft
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked
from reconciler.control.imperative.editing import ChangedInBetween
from reconciler.errors import NotFound
from reconciler.resources.resource import ResourceKey
from reconciler.store.reader import Reader

KEY = ResourceKey("Provider", "default", "m")
Page = Callable[[str], str]


def edited(routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch, *pages: Page) -> list[str]:
    """Edits the provider with one function a page; the pages as they were shown."""
    shown: list[str] = []

    def at_the_keyboard(self: Draft, text: str) -> str:
        shown.append(text)
        self._edited = True
        made = pages[len(shown) - 1](text)
        self.path.write_text(made)
        return made

    monkeypatch.setattr(Draft, "edit", at_the_keyboard)
    monkeypatch.setattr("tempfile.tempdir", str(routerctl.folder))
    with Reader(routerctl.db) as reader:
        stored = reader.get(KEY)
    assert stored is not None
    edit(Session({}, str(routerctl.db)), stored, Asked())
    return shown


def meanwhile(routerctl: Routerctl, *words: str) -> None:
    routerctl.ok(*words)


def priority(routerctl: Routerctl) -> str:
    return routerctl.ok("get", "provider/m", "-o", "jsonpath={.spec.priority} {.spec.description}")


def test_a_change_of_another_field_in_between_is_kept(
    routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    routerctl.apply(served("m", priority=1, description="old"))

    def page(text: str) -> str:
        meanwhile(routerctl, "patch", "provider/m", "-p", "spec: {description: theirs}")
        return text.replace("priority: 1", "priority: 2")

    assert len(edited(routerctl, monkeypatch, page)) == 1
    assert priority(routerctl) == "2 theirs\n"


def test_a_change_of_the_same_field_in_between_asks_again(
    routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    routerctl.apply(served("m", priority=1, description="old"))

    def first(text: str) -> str:
        meanwhile(routerctl, "patch", "provider/m", "-p", "spec: {priority: 9}")
        return text.replace("priority: 1", "priority: 2").replace("old", "mine")

    def second(text: str) -> str:
        assert "#   spec.priority: it is 9 now, you wrote 2\n" in text
        return text.replace("priority: 9", "priority: 3")

    edited(routerctl, monkeypatch, first, second)
    assert priority(routerctl) == "3 mine\n"


def test_to_leave_it_then_changes_nothing_and_keeps_the_text(
    routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    routerctl.apply(served("m", priority=1, description="old"))

    def first(text: str) -> str:
        meanwhile(routerctl, "patch", "provider/m", "-p", "spec: {priority: 9}")
        return text.replace("priority: 1", "priority: 2")

    with pytest.raises(ChangedInBetween):
        edited(routerctl, monkeypatch, first, str)
    assert priority(routerctl) == "9 old\n"
    assert len(list(routerctl.folder.glob("routerctl-edit-*"))) == 1


def test_what_was_deleted_in_between_keeps_the_text(
    routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    routerctl.apply(served("m", priority=1))

    def page(text: str) -> str:
        meanwhile(routerctl, "delete", "provider/m", "binding/m")
        return text.replace("priority: 1", "priority: 2")

    with pytest.raises(NotFound):
        edited(routerctl, monkeypatch, page)
    (kept,) = routerctl.folder.glob("routerctl-edit-*")
    assert "priority: 2" in kept.read_text()
