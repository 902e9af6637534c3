"""export --dir: what changed in the store goes back into the files, and everything else in them stays as it is."""

import json
from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest
from fakes.workshop import CIPHER, Workshop, text_of, workshop
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Configuration, histories

from reconciler.control.intake import take_in
from reconciler.control.manifest.round_trip.folder import FolderPlan, Manifests, plan_folder
from reconciler.control.manifest.round_trip.literals import Literals
from reconciler.control.manifest.round_trip.write import write_folder
from reconciler.control.proposal import DeleteLimit, Guards

PROVIDERS = """\
# All providers. Ask the on-call engineer first.

apiVersion: routerctl.dev/v1   # the only one
kind: Provider
metadata:
    name: openai
    labels: {team: search, tier: 'gold'}   # for billing
spec:
    type: openai-compatible
    displayName: 'OpenAI (prod)'
    description: >-
        The main upstream, folded
        for narrow screens.
    enabled: true   # switched by on-call
    config:
        baseURL: "https://api.openai.com/v1"   # no slash at the end
        apiKey: sk-canary-1   # TODO: refer to it
        # long answers take their time
        timeout: 1m30s
        headers: &common
            x-team: search   # for the proxy
---
# The spare one: same headers.
apiVersion: routerctl.dev/v1
kind: Provider
metadata: {name: spare}
spec:
    type: openai-compatible
    config: {baseURL: "http://spare.example/v1", apiKey: {valueFrom: {env: SPARE_API_KEY}}}
# The end.
"""
MODELS = """\
apiVersion: routerctl.dev/v1
kind: Model
metadata: {name: big}
spec:
  aliases:
  - big-latest   # people like this one
  # an old name
  - large
---
apiVersion: routerctl.dev/v1
kind: Binding
metadata: {name: big, labels: &l {a: "1"}, annotations: *l}
spec: {model: big, provider: openai, upstreamModel: 'gpt'}
...
"""
SETTINGS = json.dumps(json.loads(manifest("Settings", "default", {"defaultModel": "big"})[4:]), indent=4)


@pytest.fixture
def repository(routerctl: Routerctl) -> Routerctl:
    """Applied, and equal to the store."""
    routerctl.write("providers/all.yaml", PROVIDERS)
    routerctl.write("models.yaml", "").write_bytes(MODELS.replace("\n", "\r\n").encode())
    routerctl.write("settings.json", SETTINGS)
    routerctl.ok("apply", "-f", routerctl.manifests)
    return routerctl


def files(routerctl: Routerctl) -> dict[str, tuple[bytes, int]]:
    """Content and time of each file."""
    folder = routerctl.manifests
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def text(routerctl: Routerctl, name: str) -> str:
    return (routerctl.manifests / name).read_bytes().decode()


def change_behind_git(routerctl: Routerctl, *edits: tuple[str, str, str]) -> None:
    """Applies (file, old, new) and puts the files back as they were."""
    before = files(routerctl)
    for name, old, new in edits:
        changed = text(routerctl, name)
        assert old in changed, old
        (routerctl.manifests / name).write_bytes(changed.replace(old, new).encode())
    routerctl.ok("apply", "-f", routerctl.manifests, "--prune")
    for name, (content, _) in before.items():
        (routerctl.manifests / name).write_bytes(content)


def assert_equal(routerctl: Routerctl) -> None:
    """The law: nothing differs, and exporting again writes nothing."""
    done = routerctl("diff", "-f", routerctl.manifests, "--prune")
    assert (done.code, done.out.splitlines()[0][:11]) == (0, "No changes "), done.out
    before = files(routerctl)
    assert " unchanged.\n" in routerctl.ok("export", "--dir", routerctl.manifests)
    assert files(routerctl) == before


def test_files_that_agree_are_not_even_touched(repository: Routerctl) -> None:
    before = files(repository)
    assert repository.ok("export", "--dir", repository.manifests, "--prune") == "3 files: 3 unchanged.\n"
    assert files(repository) == before
    assert_equal(repository)


def test_only_what_changed_is_written(repository: Routerctl) -> None:
    edits = (
        ("providers/all.yaml", "enabled: true ", "enabled: false "),
        ("providers/all.yaml", "'gold'", "'silver'"),
        ("providers/all.yaml", "folded\n        for", "folded\n        for all"),
        ("providers/all.yaml", "search   # for the proxy", "find   # for the proxy"),
        ("providers/all.yaml", "http://spare.example/v1", "http://spare.example/v2"),
        ("models.yaml", "- large", "- larger"),
        ("models.yaml", "'gpt'", "'gpt-2'"),
        ("settings.json", '"big"\n', '"big-latest"\n'),
    )
    expected = {name: content.decode() for name, (content, _) in files(repository).items()}
    for name, old, new in edits:
        expected[name] = expected[name].replace(old, new)
    change_behind_git(repository, *edits)
    repository.ok("export", "--dir", repository.manifests)
    assert {name: content.decode() for name, (content, _) in files(repository).items()} == expected
    assert_equal(repository)


def test_an_untouched_file_beside_one_that_changes_keeps_its_time(repository: Routerctl) -> None:
    change_behind_git(repository, ("models.yaml", "- large", "- larger"))
    before = files(repository)
    said = repository.ok("export", "--dir", repository.manifests)
    assert said == "updated   models.yaml  (Model/big)\n3 files: 1 updated, 2 unchanged.\n"
    after = files(repository)
    assert [name for name in after if after[name] != before[name]] == ["models.yaml"]


def test_the_same_value_keeps_its_writing(repository: Routerctl) -> None:
    change_behind_git(repository, ("providers/all.yaml", "timeout: 1m30s", "timeout: 90000"))
    before = files(repository)
    repository.ok("export", "--dir", repository.manifests)
    assert files(repository) == before


def test_a_new_field_follows_the_files_own_style(repository: Routerctl) -> None:
    change_behind_git(
        repository,
        ("providers/all.yaml", "    enabled: true ", "    priority: 3\n    enabled: true "),
        ("providers/all.yaml", "            x-team", '            x-new: "1"\n            x-team'),
        ("models.yaml", "- large", "- large\r\n  - new"),
        ("models.yaml", "upstreamModel", "priority: 4, upstreamModel"),
    )
    repository.ok("export", "--dir", repository.manifests)
    assert "    enabled: true   # switched by on-call\n    priority: 3\n    config:" in text(
        repository, "providers/all.yaml"
    )
    assert '# for the proxy\n            x-new: "1"\n' in text(repository, "providers/all.yaml")
    assert "  # an old name\r\n  - large\r\n  - new\r\n---" in text(repository, "models.yaml")
    assert "upstreamModel: 'gpt', priority: 4}" in text(repository, "models.yaml")
    assert_equal(repository)


def test_a_change_of_one_place_leaves_what_shared_an_anchor_with_it(repository: Routerctl) -> None:
    change_behind_git(
        repository, ("models.yaml", '&l {a: "1"}, annotations: *l', '{a: "2"}, annotations: {a: "1"}')
    )
    repository.ok("export", "--dir", repository.manifests)
    assert 'labels: {a: "2"}, annotations: &l {a: "1"}}' in text(repository, "models.yaml")
    assert_equal(repository)


def test_what_is_gone_is_listed_and_removed_only_when_told(repository: Routerctl) -> None:
    spare = PROVIDERS[PROVIDERS.index("---\n") :]
    change_behind_git(
        repository,
        ("providers/all.yaml", spare, ""),
        ("settings.json", SETTINGS, manifest("Settings", "default", {}, namespace="team")),
    )
    before = files(repository)
    said = repository.ok("export", "--dir", repository.manifests)
    assert said.endswith(
        "removes what is written of it: Provider/spare (providers/all.yaml), Settings/default (settings.json)\n"
    )
    (repository.manifests / "default.yaml").unlink()
    assert files(repository) == {**before, "settings.json": files(repository)["settings.json"]}
    said = repository.ok("export", "--dir", repository.manifests, "--prune")
    assert (
        "updated   providers/all.yaml  (-Provider/spare)\nremoved   settings.json  (-Settings/default)\n"
        in said
    )
    assert text(repository, "providers/all.yaml") == PROVIDERS.removesuffix(spare)
    assert sorted(files(repository)) == ["default.yaml", "models.yaml", "providers/all.yaml"]
    assert_equal(repository)


def test_a_plain_secret_stays_while_it_is_the_stores_and_is_never_written(repository: Routerctl) -> None:
    before = files(repository)
    assert "canary" not in repository.ok("export", "--dir", repository.manifests, "--dry-run")
    assert files(repository) == before
    change_behind_git(
        repository,
        ("providers/all.yaml", "sk-canary-1", "sk-canary-2"),
        ("providers/all.yaml", "enabled: true ", "enabled: false "),
    )
    shown = repository.ok("export", "--dir", repository.manifests, "--dry-run")
    assert "-        apiKey: (hidden)   # TODO: refer to it\n+        apiKey: {sealed: v-" in shown
    assert "canary" not in shown
    repository.ok("export", "--dir", repository.manifests)
    assert "canary" not in text(repository, "providers/all.yaml")
    assert "}   # TODO: refer to it\n" in text(repository, "providers/all.yaml")
    assert_equal(repository)


def test_without_the_key_a_plain_secret_is_left_and_told(repository: Routerctl) -> None:
    change_behind_git(
        repository,
        ("providers/all.yaml", "sk-canary-1", "sk-canary-2"),
        ("providers/all.yaml", "enabled: true ", "enabled: false "),
    )
    repository.db.with_suffix(".key").unlink()
    done = repository("export", "--dir", repository.manifests)
    assert done.code == 0
    assert (
        "warning: Provider/openai: spec.config.apiKey: a plain secret can't be compared without the key"
        in done.err
    )
    assert text(repository, "providers/all.yaml") == PROVIDERS.replace("enabled: true ", "enabled: false ")


def test_a_folder_that_was_empty_gets_all_and_applies_to_no_change(repository: Routerctl) -> None:
    folder = repository.folder / "fresh" / "one"
    said = repository.ok("export", "--dir", folder)
    assert said.endswith("5 files: 5 created, 0 unchanged.\n")
    assert "canary" not in "".join(path.read_text() for path in folder.rglob("*.yaml"))
    assert repository("diff", "-f", folder).code == 0
    assert repository.ok("export", "--dir", folder) == "5 files: 5 unchanged.\n"


def test_files_that_were_deleted_come_back_where_they_stood(repository: Routerctl) -> None:
    names = sorted(files(repository))
    for name in names:
        (repository.manifests / name).unlink()
    repository.ok("export", "--dir", repository.manifests)
    assert sorted(files(repository)) == names
    assert text(repository, "providers/all.yaml").count("kind: Provider") == 2
    assert json.loads(text(repository, "settings.json"))["kind"] == "Settings"
    assert_equal(repository)


def test_a_document_that_can_not_be_changed_in_place_stops_all_of_it(repository: Routerctl) -> None:
    odd = MODELS.replace("metadata: {name: big}", "metadata:\t{name: big}")
    (repository.manifests / "models.yaml").write_text(odd)
    assert repository.ok("export", "--dir", repository.manifests) == "3 files: 3 unchanged.\n"
    change_behind_git(
        repository, ("models.yaml", "- large", "- larger"), ("providers/all.yaml", "'gold'", "'silver'")
    )
    before = files(repository)
    done = repository("export", "--dir", repository.manifests)
    assert done.code == 3
    assert (
        f"{repository.manifests}/models.yaml:3:10: error: Model/big: this document can't be changed in place: "
        in done.err
    )
    assert files(repository) == before


def test_files_with_errors_are_told_and_nothing_is_written(repository: Routerctl) -> None:
    change_behind_git(repository, ("models.yaml", "- large", "- larger"))
    repository.write("broken.yaml", "apiVersion: routerctl.dev/v1\nkind: Modell\nmetadata: {name: x}\n")
    before = files(repository)
    done = repository("export", "--dir", repository.manifests)
    assert done.code == 3
    assert 'broken.yaml:2:1: error: kind: unknown kind "Modell"' in done.err
    assert files(repository) == before


def test_a_prune_from_the_wrong_store_is_refused(repository: Routerctl) -> None:
    other = repository.folder / "other.db"
    repository.plain("--db", other, "apply", "-f", "-", stdin=manifest("Model", "another"))
    before = files(repository)
    done = repository.plain("--db", other, "export", "--dir", repository.manifests, "--prune")
    assert done.code == 4
    assert "so --prune would empty it" in done.err
    assert files(repository) == before


def test_what_an_overlay_made_is_left_to_the_overlay(routerctl: Routerctl) -> None:
    routerctl.write("base/m.yaml", manifest("Model", "m", {"contextWindow": 1}))
    routerctl.write("base/kustomization.yaml", "resources: [m.yaml]\n")
    patch = (
        "patches: [{target: {kind: Model}, patch: '[{op: replace, path: /spec/contextWindow, value: 2}]'}]\n"
    )
    routerctl.write("prod/kustomization.yaml", f"resources: [../base]\n{patch}")
    routerctl.write("routerctl.yaml", "source: here\n")
    routerctl.ok("apply", "-k", routerctl.manifests / "prod")
    before = files(routerctl)
    said = routerctl.ok("export", "--dir", routerctl.manifests)
    assert (
        said == "1 file: 1 unchanged.\nMade by an overlay, so in no file; change it there: Model/m (prod/)\n"
    )
    assert files(routerctl) == before
    assert "created   models/m.yaml" in routerctl.ok("export", "--dir", routerctl.folder / "elsewhere")


def test_only_one_resource_or_namespace(repository: Routerctl) -> None:
    change_behind_git(repository, ("models.yaml", "- large", "- larger"), ("models.yaml", "'gpt'", "'gpt-2'"))
    repository.ok("export", "--dir", repository.manifests, "binding/big")
    assert text(repository, "models.yaml").replace("\r\n", "\n") == MODELS.replace("'gpt'", "'gpt-2'")
    before = files(repository)
    assert repository.ok("export", "--dir", repository.manifests, "-n", "team") == "3 files: 3 unchanged.\n"
    assert files(repository) == before
    repository.ok("export", "--dir", repository.manifests, "--source", "other")
    assert files(repository) == before


# --- whatever is stored ------------------------------------------------------------------------------------------


def export_to(shop: Workshop, *, prune: bool = True) -> FolderPlan:
    intake = take_in([str(shop.folder)])
    assert intake.errors == ()
    state = shop.reader.state()
    manifests = Manifests(shop.folder, intake.declared, intake.files)
    plan = plan_folder(
        manifests, state, lambda _: True, Literals(shop.reader.vault_entry, CIPHER), prune=prune
    )
    write_folder(plan)
    return plan


def write_commented(folder: Path, configuration: Configuration) -> set[str]:
    """One JSON document a resource, three in a file, with a comment above each one."""
    comments = set()
    keys = sorted(configuration)
    for number in range(0, len(keys), 3):
        parts = []
        for key in keys[number : number + 3]:
            comments.add(f"# on {key}\n")
            parts.append(f"# on {key}\n{text_of([configuration[key]])}\n")
        (folder / f"{number}.yaml").write_text("---\n".join(parts))
    return comments


@settings(max_examples=12)
@given(histories(length=3), st.booleans())
def test_whatever_changes_in_the_store_comes_to_the_files(history: list[Configuration], twice: bool) -> None:
    with workshop() as shop:
        comments = write_commented(shop.folder, history[0])
        written = {path: path.read_bytes() for path in shop.folder.iterdir()}
        if history[0]:
            shop.apply()
        elsewhere = shop.root / "elsewhere"
        elsewhere.mkdir()
        for configuration in history[1:]:
            for path in shop.folder.iterdir():
                path.unlink()
            if not configuration:
                return
            (shop.folder / "all.yaml").write_text(text_of(configuration.values()))
            shop.apply(prune=True, guards=Guards(DeleteLimit(percent=100), allow_empty=True))
        (shop.folder / "all.yaml").unlink()
        for path, content in written.items():
            path.write_bytes(content)
        if not set(history[0]) & set(history[-1]):
            return  # a prune that would empty the folder is refused
        export_to(shop)
        assert shop.propose(prune=True).plan.changes == ()
        texts = "".join(path.read_text() for path in shop.folder.rglob("*.yaml"))
        kept = {f"# on {key}\n" for key in set(history[0]) & set(history[-1])}
        assert kept <= comments
        assert {comment for comment in kept if comment not in texts} == set()
        assert export_to(shop).changes == ()
