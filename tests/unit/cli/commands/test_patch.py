from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest, served

from reconciler.cli.commands import patch
from reconciler.control.intake import user


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.apply(served("m", enabled=True))
    return routerctl


def test_a_merge_patch_is_one_revision(filled: Routerctl) -> None:
    lines = filled.ok(
        "patch", "provider/m", "-p", '{"spec": {"enabled": false}}', "-m", "it flaps"
    ).splitlines()
    assert lines[0] == "provider/m patched"
    assert lines[1].startswith("Revision 2  digest sha256:")
    assert filled.ok("get", "provider/m", "-o", "jsonpath={.spec.enabled}") == "false\n"
    (revision, _) = filled("history", "-o", "json").json()["items"]
    assert (revision["operation"], revision["message"], revision["actor"]) == ("patch", "it flaps", user())


def test_yaml_and_the_same_again(filled: Routerctl) -> None:
    filled.ok("patch", "provider", "m", "-p", "spec: {priority: 3}")
    assert filled.ok("patch", "provider/m", "-p", "spec: {priority: 3}") == "provider/m patched (no change)\n"
    assert filled.ok("history", "-o", "name") == "revision/2\nrevision/1\n"


def test_a_json_patch_from_a_file(filled: Routerctl, tmp_path: Path) -> None:
    file = tmp_path / "patch.json"
    file.write_text(
        '[{"op": "test", "path": "/metadata/name", "value": "m"}, {"op": "add", "path": "/spec/priority", "value": 4}]'
    )
    filled.ok("patch", "provider/m", "--type", "json", "--patch-file", file)
    assert filled.ok("get", "provider/m", "-o", "jsonpath={.spec.priority}") == "4\n"


def test_several_as_one_revision(filled: Routerctl) -> None:
    out = filled.ok("patch", "provider/m", "binding/m", "-p", '{"spec": {"priority": 2}}')
    assert out.splitlines()[:2] == ["provider/m patched", "binding/m patched"]
    assert filled.ok("history", "-o", "name") == "revision/2\nrevision/1\n"


def test_a_dry_run_shows_the_fields(filled: Routerctl) -> None:
    assert filled.ok("patch", "provider/m", "-p", "spec: {priority: 3}", "--dry-run") == (
        "~ Provider/m  (a.yaml)\n    spec.priority: 0 → 3\nprovider/m patched (dry run)\n"
    )
    shown = filled("patch", "provider/m", "-p", "spec: {priority: 3}", "--dry-run", "-o", "json").json()
    assert (shown["spec"]["priority"], shown["metadata"]["resourceVersion"]) == (3, "1")
    assert filled.ok("history", "-o", "name") == "revision/1\n"


def test_the_object_as_it_is_afterwards(filled: Routerctl) -> None:
    shown = filled("patch", "provider/m", "-p", "spec: {priority: 3}", "-o", "json").json()
    assert (shown["kind"], shown["spec"]["priority"], shown["metadata"]["generation"]) == ("Provider", 3, 2)
    assert filled.ok("patch", "provider/m", "-p", "spec: {priority: 4}", "-o", "name") == "provider/m\n"
    listed = filled("patch", "provider/m", "binding/m", "-p", "spec: {priority: 5}", "-o", "json").json()
    assert [item["kind"] for item in listed["items"]] == ["Provider", "Binding"]


def test_who_manages_the_field(filled: Routerctl) -> None:
    filled.ok("patch", "provider/m", "-p", "spec: {priority: 3}")
    filled.ok("patch", "provider/m", "-p", "spec: {description: x}", "--field-manager", "night")
    managers = filled.ok("get", "provider/m", "-o", "jsonpath={.metadata.managedFields[*].manager}").split()
    assert managers == [f"git:{filled.manifests}", f"cli:{user()}", "night"]
    done = filled("patch", "provider/m", "-p", "spec: {priority: 9}", "--field-manager", "git:other")
    assert done.code == 4
    assert "that is the name of somebody else" in done.err


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--type", "strategic", "-p", "{}"], 2, "have no strategic merge patch: use --type merge"),
        ([], 2, "give the patch with -p, or with --patch-file"),
        (["-p", "{}", "--patch-file", "x"], 2, "give the patch with -p, or with --patch-file"),
        (["-p", "[]"], 3, "a merge patch is an object"),
        (["-p", "{}", "--type", "json"], 3, "a JSON patch is a list of operations"),
        (["-p", "{"], 3, "-p:2:1: error: "),
        (["-p", ""], 3, "-p holds 0 documents"),
        (["--patch-file", "/no/such"], 3, "/no/such can't be read: No such file"),
        (
            ["-p", "spec: {prioritty: 3}"],
            3,
            'error: Provider/m: spec.prioritty: unknown field "prioritty"; did you mean',
        ),
        (["-p", "metadata: {name: n}"], 3, "Provider/m: metadata.name can't be changed"),
        (["-p", "metadata: {resourceVersion: '9'}"], 4, "its resourceVersion is 1"),
    ],
)
def test_what_can_not_be(filled: Routerctl, words: list[str], code: int, message: str) -> None:
    done = filled("patch", "provider/m", *words)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert filled.ok("history", "-o", "name") == "revision/1\n"


def test_what_is_not_there(filled: Routerctl, tmp_path: Path) -> None:
    done = filled("patch", "provider/zzz", "-p", "{}")
    assert (done.code, done.err.splitlines()[0]) == (3, "error: Provider/zzz does not exist")
    other = tmp_path / "none.db"
    assert filled.plain("--db", other, "patch", "provider/m", "-p", "{}").code == 5
    assert not other.exists()


def test_no_secret_is_shown(filled: Routerctl) -> None:
    filled.apply(
        served("m"),
        manifest("Provider", "far", {"type": "lm-studio", "config": {"baseURL": "http://a:1/v1"}}),
    )
    secret = '{"spec": {"config": {"apiKey": "sk-very-secret"}}}'
    shown = [
        filled("patch", "provider/far", "-p", secret, *more) for more in (["--dry-run"], ["-o", "yaml"], [])
    ]
    assert [done.code for done in shown] == [0, 0, 0]
    assert "sk-very-secret" not in "".join(done.out + done.err for done in shown)
    assert "sealed: v-" in shown[1].out


def test_the_types_are_those_of_kubectl() -> None:
    (option,) = [param for param in patch.command.params if param.name == "kind"]
    assert option.to_info_dict()["type"]["choices"] == ("merge", "json", "strategic")
