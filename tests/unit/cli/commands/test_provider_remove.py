import pytest
from fakes.command import Routerctl, manifest, served

from reconciler.cli import removing


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.apply(served("m"), served("other"))
    routerctl.ok("set", "m")
    return routerctl


def test_what_names_it_is_told(filled: Routerctl) -> None:
    done = filled("provider", "remove", "m", "--yes")
    assert (done.code, done.out) == (4, "")
    assert done.err.splitlines()[:4] == [
        "error: Provider/m is named by:",
        "  Binding/m (spec.provider: m)",
        "  Settings/default (spec.activeProvider: m)",
        "  --cascade removes the Bindings with it, and takes the word out of the Settings",
    ]


def test_all_of_it_is_one_revision(filled: Routerctl) -> None:
    out = filled.ok("provider", "remove", "m", "--cascade", "--yes")
    assert out.splitlines()[:3] == ["binding/m removed", "settings/default changed", "provider/m removed"]
    assert filled.ok("get", "providers", "-o", "name") == "provider/other\n"
    assert filled.ok("history", "-o", "name").splitlines()[0] == "revision/3"


def test_it_is_asked_for(filled: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    filled.ok("provider", "add", "alone", "--type", "simulator")
    assert filled("provider", "remove", "alone").code == 2
    monkeypatch.setattr(removing, "somebody_answers", lambda: True)
    assert filled("provider", "remove", "alone", stdin="y\n").code == 0
    declined = filled("provider", "remove", "m", stdin="n\n")
    assert (declined.code, "Provider/m is named by:" in declined.err) == (2, True)
    assert filled("provider", "remove", "m", stdin="y\n").code == 0


def test_a_route_is_somebody_elses_to_change(filled: Routerctl) -> None:
    route = manifest("Route", "r", {"match": {"models": ["m"]}, "targets": [{"provider": "m", "model": "m"}]})
    filled.write("r.yaml", route)
    filled.ok("apply", "-f", filled.manifests)
    done = filled("provider", "remove", "m", "--cascade", "--yes")
    assert (done.code, "can't go: a Route names it" in done.err) == (4, True)
    assert "edit route/r -n default" in done.err


def test_one_that_is_not_there(filled: Routerctl) -> None:
    done = filled("provider", "remove", "othr", "--yes")
    assert (done.code, "did you mean other?" in done.err) == (3, True)


def test_out_of_manifests(filled: Routerctl) -> None:
    done = filled("provider", "remove", "other", "--cascade", "--yes", "--save", filled.manifests, "--apply")
    assert done.out.splitlines()[-1] == "updated   a.yaml  (-Binding/other, -Provider/other)"
    text = (filled.manifests / "a.yaml").read_text()
    assert ('"Binding", "metadata": {"name": "other"}' in text, '"name": "m"' in text) == (False, True)
    filled.ok("diff", "-f", filled.manifests)


def test_a_dry_run_asks_nothing(filled: Routerctl) -> None:
    out = filled.ok("provider", "remove", "m", "--cascade", "--dry-run")
    assert out.endswith(
        "binding/m removed (dry run)\nsettings/default changed (dry run)\nprovider/m removed (dry run)\n"
    )
