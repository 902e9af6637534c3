import getpass
from io import BytesIO
from pathlib import Path

import pytest
from fakes.workshop import Workshop, binding, remote, secret, simulator, text_of

from reconciler.control.intake import cross_problems, every_problem, scopes, source_of, take_in, user, wanted
from reconciler.control.kustomize.overlay import Overlay
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.source import Source
from reconciler.errors import InvalidInput

HEAD = "apiVersion: routerctl.dev/v1\n"


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_every_problem_of_all_files_is_told_in_their_order(shop: Workshop) -> None:
    shop.write("b.yaml", simulator(lattency="1s"))
    (shop.folder / "a.yaml").write_text("kind: Nothing\n")
    shop.write("c.yaml", remote(apiKey="sk-literal"), secret(ONE="sk-other"))
    intake = take_in([str(shop.folder)])
    assert [Path(problem.location.file).name for problem in intake.problems if problem.location] == [
        "a.yaml",
        "a.yaml",
        "b.yaml",
        "c.yaml",
        "c.yaml",
    ]
    assert len(intake.errors) == 3
    assert [problem.field for problem in intake.warnings] == ["spec.config.apiKey", "spec.data.ONE"]
    assert "sk-" not in "".join(str(problem) for problem in intake.problems)
    assert len(intake.files) == 3
    with pytest.raises(InvalidManifests) as caught:
        wanted(intake, [str(shop.folder)], None)
    assert caught.value.problems == intake.problems


def test_problems_are_told_by_file_as_it_was_read_and_by_line_in_it(shop: Workshop) -> None:
    broken = "kind: Model\nzzz: 1\nspec: {contextWindow: 1.5, aliases: 7}\nmetadata: {name: m}\n"
    (shop.folder / "b.yaml").write_text(broken)
    (shop.folder / "c.yaml").write_text(broken.replace("name: m", "name: n") + "---\na: [\n")
    (shop.folder / "a").mkdir()
    shop.write("a/z.yaml", remote(apiKey="sk-literal"), binding("x", "gone", "gone"))
    paths = [str(shop.folder / name) for name in ("c.yaml", "missing", "b.yaml", "a")]
    found = every_problem(take_in(paths), closed=False)
    assert [
        (Path(problem.location.file).name, problem.location.line) for problem in found if problem.location
    ] == [
        *[("c.yaml", line) for line in (1, 2, 3, 3, 7)],
        ("missing", 0),
        *[("b.yaml", line) for line in (1, 2, 3, 3)],
        *[("z.yaml", problem.location.line) for problem in found[-3:] if problem.location],
    ]
    assert [problem.warning for problem in found[-3:]] == [True] * 3
    again = every_problem(take_in(paths[::-1]), closed=False)
    assert set(again) == set(found)


def test_of_a_broken_document_the_references_are_checked_as_well(shop: Workshop) -> None:
    reference = {"valueFrom": {"secret": {"name": "s", "key": "k"}}}
    (shop.folder / "a.yaml").write_text(
        text_of([simulator(), remote(zzz=1), remote("b", apiKey=reference)])
        + "\n---\n"
        + HEAD
        + "kind: Binding\nmetadata: {name: b}\nspec: {model: gone, provider: sim, priority: 1.5}\n---\n"
        + HEAD
        + "kind: Binding\nmetadata: {name: c}\nspec: {provider: p/q, zzz: 1}\n---\n"
        + HEAD
        + "kind: Binding\nmetadata: {name: d}\nspec: {zzz: 1}\n---\n"
        + HEAD
        + "kind: Secret\nmetadata: {name: s}\nspec: {data: {k: {value: 1.5}}}\n---\n"
        + HEAD
        + "kind: Model\nmetadata: {name: m}\nspec: {aliases: [1.5]}\n---\n"
        + HEAD
        + "kind: Settings\nmetadata: {name: default}\nspec: {defaultModel: x}\n"
    )
    found = cross_problems(take_in([str(shop.folder)]), closed=True)
    assert [(str(problem.key), problem.message) for problem in found] == [
        ("Binding/b", "refers to Model/gone, which does not exist")
    ]


def test_errors_between_resources_are_told_with_those_in_them(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(zzz=1), binding("b", "m", "sim"), binding("c", "m", "sim"))
    paths = [str(shop.folder)]
    with pytest.raises(InvalidManifests) as caught:
        wanted(take_in(paths), paths, None)
    assert [problem.message.split(";")[0] for problem in caught.value.problems] == [
        'unknown field "zzz"',
        "binds the same model and provider as Binding/b",
    ]


def test_the_namespace_of_the_command_line_is_that_of_a_broken_document(shop: Workshop) -> None:
    (shop.folder / "a.yaml").write_text(HEAD + "kind: Model\nmetadata: {name: m}\nspec: {aliases: [1.5]}\n")
    (problem,) = take_in([str(shop.folder)], namespace="team").problems
    assert str(problem.key) == "Model/team/m"


def test_a_path_below_which_nothing_was_read_is_an_error_but_for_a_prune(shop: Workshop) -> None:
    (shop.folder / "none").mkdir()
    (shop.folder / "blank.yaml").write_text("# nothing yet\n")
    shop.write("one.yaml", simulator())
    none, blank, one = (str(shop.folder / name) for name in ("none", "blank.yaml", "one.yaml"))
    paths = [none, one, blank, str(shop.folder), "-"]
    intake = take_in(paths, stdin=BytesIO(b""))
    assert [str(problem) for problem in intake.empty] == [
        (
            f"{none}: error: nothing was read: no manifest stands in this folder; a folder is searched for names that "
            "end in .yaml, .yml or .json; hidden ones, routerctl.yaml and kustomization.yaml do not count"
        ),
        f"{blank}: error: nothing was read: no resource stands here; write one, or leave it out",
        "stdin: error: nothing was read: no resource stands here; write one, or leave it out",
    ]
    assert set(intake.empty) <= set(every_problem(intake, closed=False))
    source = Source("acme", shop.folder)
    with pytest.raises(InvalidManifests, match="nothing was read"):
        wanted(intake, paths, source)
    assert wanted(intake, paths, source, prune=True).empty == (none, blank)


def test_a_path_of_which_only_errors_were_read_is_not_empty(shop: Workshop) -> None:
    (shop.folder / "a.yaml").write_text("a: [")
    missing = str(shop.folder / "missing")
    intake = take_in([str(shop.folder), missing, "-"])
    assert (len(intake.errors), [problem.location for problem in intake.empty]) == (3, [("stdin", 0, 0)])


def test_a_pipe_has_no_source_and_no_scope(shop: Workshop) -> None:
    assert source_of(["/dev/null"], explicit=None, known=()) is None
    assert scopes(["/dev/null"], Source("acme", shop.folder)) == ("",)
    assert len(take_in(["/dev/null"]).empty) == 1


def test_a_secret_that_is_referred_to_is_no_warning(shop: Workshop) -> None:
    env = {"valueFrom": {"env": "A_API_KEY"}}
    shop.write("a.yaml", remote(apiKey=env), remote("b", apiKey={"sealed": "v-1"}), simulator())
    assert take_in([str(shop.folder)]).problems == ()


def test_a_reference_out_of_the_files_is_a_warning_unless_they_are_closed(shop: Workshop) -> None:
    shop.write("a.yaml", simulator(), binding("b", "m", "sim"), binding("c", "m", "sim"))
    intake = take_in([str(shop.folder)])
    opened = cross_problems(intake, closed=False)
    assert [(problem.warning, problem.message) for problem in opened] == [
        (True, "refers to Model/m, which does not exist in these files"),
        (True, "refers to Model/m, which does not exist in these files"),
        (False, "binds the same model and provider as Binding/b"),
    ]
    closed = cross_problems(intake, closed=True)
    assert [problem.warning for problem in closed] == [False] * 3
    assert closed[0].message == "refers to Model/m, which does not exist"


def test_stdin_is_read_as_one_of_the_paths(shop: Workshop) -> None:
    shop.write("a.yaml", simulator("a"))
    stdin = BytesIO(text_of([simulator("b")]).encode())
    intake = take_in([str(shop.folder), "-"], stdin=stdin)
    assert sorted(declared.key.name for declared in intake.declared) == ["a", "b"]
    want = wanted(intake, ["-"], None)
    assert (want.manager, want.source, want.scopes) == (f"cli:{user()}", None, ("",))


def test_the_manager_is_the_sources_unless_another_is_given(shop: Workshop) -> None:
    intake = take_in([])
    source = Source("acme", shop.folder)
    assert wanted(intake, [], source).manager == "git:acme"
    assert wanted(intake, [], source, manager="cli:ada").manager == "cli:ada"
    flags = wanted(intake, [], source, prune=True, force=True)
    assert (flags.prune, flags.force, flags.resync) == (True, True, None)


def test_a_prune_needs_a_source() -> None:
    with pytest.raises(InvalidInput, match="--prune needs to know"):
        wanted(take_in([]), ["-"], None, prune=True)


def test_scopes_are_relative_to_the_root(shop: Workshop) -> None:
    source = Source("acme", shop.folder)
    given = [str(shop.folder), str(shop.folder / "sub"), str(shop.folder / "a.yaml"), "-"]
    assert scopes(given, source) == ("", "sub", "a.yaml")
    assert scopes(["-"], source) == scopes(given, None) == ("",)


def test_a_path_that_is_not_there_has_no_source_and_is_an_error(shop: Workshop) -> None:
    missing = str(shop.folder / "missing")
    assert source_of([missing], explicit=None, known=()) is None
    assert take_in([missing]).errors
    found = source_of([missing, str(shop.folder)], explicit=None, known=())
    assert found is not None
    assert found.name == str(shop.folder)


def test_who_has_no_name_here_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("no such uid")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert user() == "unknown"


def overlay(shop: Workshop, kustomization: str = "resources: [../base]\nnamePrefix: p-\n") -> Overlay:
    """`top` of a base that declares one provider."""
    for name, text in (("base", "resources: [a.yaml]\n"), ("top", kustomization)):
        (shop.folder / name).mkdir(exist_ok=True)
        (shop.folder / name / "kustomization.yaml").write_text(text)
    shop.write("base/a.yaml", simulator("a"))
    return Overlay(shop.folder / "top")


def test_an_overlay_is_built_and_keeps_its_own_scope(shop: Workshop) -> None:
    (shop.folder / "routerctl.yaml").write_text("source: s\n")
    top = overlay(shop)
    intake = take_in([top])
    assert [key.name for key in (item.key for item in intake.declared)] == ["p-a"]
    assert [Path(file).relative_to(shop.folder).as_posix() for file in intake.files] == [
        "top/kustomization.yaml",
        "base/kustomization.yaml",
        "base/a.yaml",
    ]
    source = source_of([top], explicit=None, known=[])
    assert source is not None
    assert scopes([top], source) == ("top/",)
    assert wanted(intake, [top], source).empty == ()


def test_an_overlay_with_an_error_is_not_called_empty(shop: Workshop) -> None:
    intake = take_in([overlay(shop, "resources: [../base, none]\n")])
    assert len(intake.errors) == 1
    assert intake.empty == ()


def test_an_overlay_that_makes_nothing_is_empty(shop: Workshop) -> None:
    (problem,) = take_in([overlay(shop, "resources: []\n")]).empty
    assert "no resource stands here" in problem.message
