import pytest
from fakes.command import SIMULATOR, Routerctl, manifest

from reconciler.control.intake import user
from reconciler.store.reader import Reader


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.write("a.yaml", manifest("Provider", "p", {**SIMULATOR, "enabled": True}))
    routerctl.ok("apply", "-f", routerctl.manifests, "-m", "first")
    routerctl.ok("patch", "provider/p", "-p", "spec: {enabled: false}", "-m", "it flaps")
    return routerctl


def fields(filled: Routerctl, *words: str) -> dict[str, dict[str, object]]:
    shown = filled("blame", *(words or ("provider/p",)), "-o", "json").json()
    assert shown["key"] == "Provider/p"
    return {field["field"]: field for field in shown["fields"]}


def test_a_table(filled: Routerctl) -> None:
    lines = filled.ok("blame", "provider/p").splitlines()
    assert lines[0].split() == ["FIELD", "VALUE", "MANAGER", "REVISION", "TIME", "COMMIT", "MESSAGE"]
    (line,) = [line for line in lines if line.startswith("spec.enabled ")]
    assert line.split()[1:4] == ["false", f"cli:{user()}", "2"]
    assert line.endswith("it flaps")
    (line,) = [line for line in lines if line.startswith("spec.priority ")]
    assert line.split()[1:4] == ["0", "(default)", "1"]
    assert "OPERATION" in filled.ok("blame", "provider/p", "-o", "wide").splitlines()[0]


def test_json(filled: Routerctl) -> None:
    enabled, kind = fields(filled)["spec.enabled"], fields(filled, "provider", "p")["spec.type"]
    assert (enabled["value"], enabled["managers"], enabled["revision"]) == (False, [f"cli:{user()}"], 2)
    assert (enabled["operation"], enabled["message"], enabled["source"]) == ("patch", "it flaps", None)
    assert (kind["managers"], kind["source"]) == ([f"git:{filled.manifests}"], str(filled.manifests))
    assert (kind["default"], kind["older"], kind["commit"], kind["dirty"]) == (False, False, None, False)


def test_who_came_to_share_a_field_after_later_revisions_is_told(routerctl: Routerctl) -> None:
    routerctl.write("a.yaml", manifest("Model", "m", {"displayName": "M"}))
    routerctl.ok("apply", "-f", routerctl.manifests, "--source", "one")
    routerctl.write("b.yaml", manifest("Model", "n", {}))
    routerctl.ok("apply", "-f", routerctl.manifests, "--source", "two")
    shown = routerctl("blame", "model/m", "-o", "json").json()
    assert [field["managers"] for field in shown["fields"]] == [["git:one", "git:two"]]


def test_an_earlier_resource_of_the_same_name_does_not_count(filled: Routerctl) -> None:
    filled.ok("delete", "provider/p")
    filled.ok("apply", "-f", filled.manifests)
    assert {field["revision"] for field in fields(filled).values()} == {4}
    assert not any(field["older"] for field in fields(filled).values())


def test_what_history_prune_took_may_be_older(filled: Routerctl) -> None:
    filled.ok("patch", "provider/p", "-p", "spec: {priority: 3}")
    filled.ok("history", "prune", "--keep", "1")
    found = fields(filled)
    assert (found["spec.enabled"]["revision"], found["spec.enabled"]["older"]) == (2, True)
    assert (found["spec.priority"]["revision"], found["spec.priority"]["older"]) == (3, False)
    (line,) = [
        line for line in filled.ok("blame", "provider/p").splitlines() if line.startswith("spec.enabled ")
    ]
    assert line.split()[3] == "^2"


def test_one_resource_that_is_there(filled: Routerctl) -> None:
    assert filled("blame", "provider/p", "provider/q").code == 2
    assert filled("blame", "providers").code == 2
    assert filled("blame", "provider/q").code == 3


def test_an_empty_history_is_told(filled: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server may answer so."""
    monkeypatch.setattr(Reader, "revisions_of", lambda *_, **__: [])
    done = filled("blame", "provider/p")
    assert (done.code, "no revision that made Provider/p" in done.err) == (3, True)


def test_a_long_value_is_cut(filled: Routerctl) -> None:
    filled.ok("patch", "provider/p", "-p", f"spec: {{description: {'x' * 90}}}")
    (line,) = [line for line in filled.ok("blame", "provider/p").splitlines() if line.startswith("spec.desc")]
    assert line.split()[1] == "x" * 39 + "…"
