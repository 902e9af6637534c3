import getpass
from io import BytesIO
from pathlib import Path

import pytest
from fakes.workshop import Workshop, binding, remote, secret, simulator, text_of

from reconciler.control.intake import cross_problems, scopes, source_of, take_in, user, wanted
from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.source import Source
from reconciler.errors import InvalidInput


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
    assert caught.value.problems == intake.errors


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
    flags = wanted(intake, [], source, prune=True, force=True, resync=True)
    assert (flags.prune, flags.force, flags.resync) == (True, True, True)


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
