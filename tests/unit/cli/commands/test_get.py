import json
import subprocess
import sys

import pytest
from fakes.command import Routerctl, manifest, served
from fakes.running import ROOT
from fakes.store import drop, put
from fakes.watching import commit, script
from fakes.workers import live_health, live_worker

from reconciler.resources.resource import Resource, ResourceKey
from reconciler.store.health import CircuitRow


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.apply(
        served("m"),
        manifest("Model", "n", {"displayName": "N"}, labels={"team": "x"}),
        manifest("Model", "o", namespace="team"),
    )
    return routerctl


def test_a_table(filled: Routerctl) -> None:
    lines = [line.split() for line in filled.ok("get", "models").splitlines()]
    assert [line[0] for line in lines] == ["NAME", "m", "n"]
    assert "REVISION" in filled.ok("get", "models", "-o", "wide").splitlines()[0]


def test_several_kinds_stand_below_each_other(filled: Routerctl) -> None:
    blocks = filled.ok("get", "all").split("\n\n")
    assert [block.splitlines()[1].split()[0] for block in blocks] == ["provider/m", "model/m", "binding/m"]


def test_names(filled: Routerctl) -> None:
    assert filled.ok("get", "all", "-o", "name") == "provider/m\nmodel/m\nmodel/n\nbinding/m\n"


def test_namespaces(filled: Routerctl) -> None:
    assert filled.ok("-n", "team", "get", "models", "-o", "name") == "model/o\n"
    assert [line.split()[:2] for line in filled.ok("get", "models", "-A").splitlines()] == [
        ["NAMESPACE", "NAME"],
        ["default", "m"],
        ["default", "n"],
        ["team", "o"],
    ]


def test_labels(filled: Routerctl) -> None:
    assert filled.ok("get", "models", "-l", "team=x", "-o", "name") == "model/n\n"
    assert filled.ok("get", "models", "-l", "!team", "-o", "name") == "model/m\n"


def test_a_list_and_one_object_as_json(filled: Routerctl) -> None:
    listed = json.loads(filled.ok("get", "models", "-o", "json"))
    assert (listed["kind"], [item["metadata"]["name"] for item in listed["items"]]) == ("List", ["m", "n"])
    for words in (["model", "n"], ["model/n"]):
        one = json.loads(filled.ok("get", *words, "-o", "json"))
        assert (one["kind"], one["spec"]) == ("Model", {"displayName": "N"})
    two = json.loads(filled.ok("get", "model", "m", "n", "-o", "json"))
    assert len(two["items"]) == 2


def test_yaml_and_jsonpath(filled: Routerctl) -> None:
    yaml = filled.ok("get", "models", "-o", "yaml")
    assert yaml.count("\n---\n") == 1
    assert 'spec:\n  displayName: "N"\nstatus:\n' in yaml
    assert filled.ok("get", "models", "-o", "jsonpath={.items[*].metadata.name}") == "m n\n"
    assert filled.ok("get", "model/n", "-o", 'jsonpath={.kind}/{.metadata.name}{"\\n"}') == "Model/n\n"


def test_nothing_found(filled: Routerctl) -> None:
    done = filled("get", "secrets")
    assert (done.code, done.out, done.err) == (0, "", "No resources found.\n")
    assert filled.ok("get", "secrets", "-o", "name") == ""
    assert filled.ok("get", "secrets", "-o", "yaml") == ""
    assert json.loads(filled.ok("get", "secrets", "-o", "json"))["items"] == []


def test_whether_providers_serve(filled: Routerctl) -> None:
    assert filled.ok("get", "providers").splitlines()[1].split()[2] == "Unknown"
    live_worker(filled.db, revision=1)
    assert filled.ok("get", "providers").splitlines()[1].split()[2] == "True"
    live_worker(filled.db, revision=1, refused=(("Provider/m", "no key"),))
    assert filled.ok("get", "providers").splitlines()[1].split()[2] == "False"
    assert "no key" in filled.ok("get", "providers", "-o", "wide")


def test_whether_providers_answer(filled: Routerctl) -> None:
    live_worker(filled.db, revision=1)
    assert [line.split()[3] for line in filled.ok("get", "provider/m").splitlines()] == ["HEALTHY", "True"]
    live_health(filled.db, CircuitRow("w1", "Provider/m", "x", "open", 0.0, "status 503"))
    assert filled.ok("get", "provider/m").splitlines()[1].split()[2:4] == ["True", "False"]
    assert "model x: left alone by 1 of 1 live workers (status 503)" in filled.ok(
        "get", "providers", "-o", "wide"
    )


def test_the_conditions_of_a_resource_are_its_status(filled: Routerctl) -> None:
    live_worker(filled.db, revision=1, refused=(("Provider/m", "no key\n  set it"),))
    ready = '.status.conditions[?(@.type=="Ready")]'
    line = f"jsonpath={{{ready}.status}} {{{ready}.reason}} {{{ready}.observedGeneration}}"
    assert filled.ok("get", "provider/m", "-o", line) == "False Refused 1\n"
    assert "no key; set it" in filled.ok("get", "providers", "-o", "wide")
    model = json.loads(filled.ok("get", "model/m", "-o", "json"))
    assert [each["type"] for each in model["status"]["conditions"]] == ["Accepted", "Programmed", "Ready"]
    assert [line.split()[1] for line in filled.ok("get", "models").splitlines()] == [
        "READY",
        "False",
        "False",
    ]
    assert filled.ok("get", "binding/m", "-o", line) == "False ProviderNotReady 1\n"


def test_a_watch_tells_each_change(filled: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Resource(ResourceKey("Model", "default", "later"), {})
    script(monkeypatch, "get", commit(filled.db, put(model)), commit(filled.db, drop(model)))
    words = ["get", "models", "-o", "name", "--output-watch-events"]
    told = ["model/later ADDED", "model/later DELETED"]
    assert filled.ok(*words, "-w").splitlines() == ["model/m ADDED", "model/n ADDED", *told]
    assert filled.ok(*words, "--watch-only").splitlines() == told


def test_a_watched_table_tells_when_it_serves(filled: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch, "get", lambda: live_worker(filled.db, revision=1))
    lines = [line.split()[:3] for line in filled.ok("get", "provider/m", "-w").splitlines()]
    assert lines == [["NAME", "TYPE", "READY"], ["m", "simulator", "Unknown"], ["m", "simulator", "True"]]


def test_a_watch_that_nobody_reads_ends_at_once(filled: Routerctl) -> None:
    """Also where nothing happens any more."""
    command = [sys.executable, "-m", "reconciler", "--db", str(filled.db), "get", "models", "-w"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"NAME")
        process.stdout.close()
        assert process.wait(30) == 141


def test_what_is_there_is_shown_before_what_is_not(filled: Routerctl) -> None:
    done = filled("get", "model", "m", "nope", "-o", "name")
    assert (done.code, done.out) == (3, "model/m\n")
    assert "Model/nope does not exist" in done.err
    listed = filled("get", "model", "m", "nope", "-o", "json").json()
    assert (listed["kind"], len(listed["items"])) == ("List", 1)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "Missing argument"),
        (["zzz"], 3, 'there is no kind "zzz"'),
        (["model", "zzz"], 3, "Model/zzz does not exist\n  what there is: routerctl --db "),
        (["models", "-o", "xml"], 2, 'unknown output format "xml"'),
        (["models", "-o", "jsonpath={.a"], 2, "the jsonpath expression can't be read"),
        (["models", "-l", "a in (b)"], 2, "it can't be read; for example: -l team=search"),
        (["models", "--output-watch-events"], 2, "goes with --watch or --watch-only"),
        (["model/zzz", "-w"], 3, "Model/zzz does not exist"),
        (["model/m", "-A"], 2, "a name goes with neither -A nor -l"),
        (["all", "m"], 2, "a name goes with one kind"),
    ],
)
def test_what_can_not_be_got(filled: Routerctl, arguments: list[str], code: int, words: str) -> None:
    done = filled("get", *arguments)
    assert (done.code, done.out) == (code, "")
    assert words in done.err


def test_managers_are_shown_where_they_are_asked_for(filled: Routerctl) -> None:
    for words in (["model/n", "-o", "json"], ["models", "-o", "yaml"]):
        assert "managedFields" not in filled.ok("get", *words)
        assert "managedFields" in filled.ok("get", *words, "--show-managed-fields")
    manager = filled.ok("get", "model/n", "-o", "jsonpath={.metadata.managedFields[*].manager}")
    assert manager == f"git:{filled.manifests}\n"
