from collections.abc import Mapping

import pytest

from reconciler.control.git import tree as module
from reconciler.control.git.tree import Entry, choose, entries, judge_links
from reconciler.control.kustomize.overlay import Overlay

FILE, LINK, SUBMODULE = "100644", "120000", "160000"


def files(*paths: str) -> list[Entry]:
    return [Entry(FILE, f"id-{path}", path) for path in paths]


def chosen(path: str, *given: Entry) -> list[str]:
    return [entry.path for entry in choose(given, path).files]


def test_a_listing_becomes_entries() -> None:
    listing = b"100644 blob aa\tm/a b.yaml\x00120000 blob bb\tlink\x00160000 commit cc\tsub\x00100644 blob dd\t\xff.yaml\x00"
    assert entries(listing) == (
        Entry(FILE, "aa", "m/a b.yaml"),
        Entry(LINK, "bb", "link"),
        Entry(SUBMODULE, "cc", "sub"),
        Entry(FILE, "dd", "\\xff.yaml"),
    )


def test_manifests_below_the_path_and_the_settings_above_it_are_chosen() -> None:
    given = files(
        "routerctl.yaml", "other.yaml", "a/routerctl.yaml", "a/m/x.yaml", "a/m/deep/y.json", "a/m/readme.md",
        "a/m/.hidden/z.yaml", "a/m/.z.yaml", "a/mm/x.yaml",
    )  # fmt: skip
    assert chosen("a/m", *given) == ["routerctl.yaml", "a/routerctl.yaml", "a/m/x.yaml", "a/m/deep/y.json"]
    assert chosen("a/m/readme.md", *given) == ["routerctl.yaml", "a/routerctl.yaml", "a/m/readme.md"]
    assert chosen("", *given) == [
        "routerctl.yaml", "other.yaml", "a/routerctl.yaml", "a/m/x.yaml", "a/m/deep/y.json", "a/mm/x.yaml"
    ]  # fmt: skip


def test_an_overlay_may_name_what_could_be_a_manifest_anywhere() -> None:
    given = [
        *files(
            "routerctl.yaml",
            "o/kustomization.yaml",
            ".base/Kustomization",
            ".base/x.json",
            "b/k.yml",
            "c.txt",
        ),
        Entry(LINK, "a", "link.yaml"),
        Entry(SUBMODULE, "b", "sub.yaml"),
    ]
    assert chosen(Overlay("o"), *given) == [
        "routerctl.yaml", "o/kustomization.yaml", ".base/Kustomization", ".base/x.json", "b/k.yml"
    ]  # fmt: skip
    assert choose(given, Overlay("o")).problems == ()
    assert choose(files("../a.yaml"), Overlay("o")).problems != ()


def test_a_hidden_folder_that_was_named_is_read() -> None:
    assert chosen(".config", *files(".config/a.yaml", ".config/.b.yaml")) == [".config/a.yaml"]


@pytest.mark.parametrize(
    "path", ["../a.yaml", "a/../../b.yaml", ".git/a.yaml", "/etc/a.yaml", "a//b.yaml", "x/.GIT/b.yaml"]
)
def test_a_name_that_leads_elsewhere_is_never_written(path: str) -> None:
    found = choose(files(path), "")
    assert found.files == () or [problem.message for problem in found.problems] == [
        "a name that can't stand in a working tree"
    ]


def test_submodules_are_told_and_settings_are_no_links() -> None:
    found = choose(
        [Entry(SUBMODULE, "a", "m/sub"), Entry(LINK, "b", "routerctl.yaml"), Entry(SUBMODULE, "c", "x")], "m"
    )
    assert [str(problem) for problem in found.problems] == [
        "m/sub: warning: a submodule; what it holds is not read"
    ]
    assert (found.files, found.links) == ((), ())


def test_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FILES", 1)
    (problem,) = choose(files("a.yaml", "b.yaml"), "").problems
    assert (str(problem.location), problem.message) == (".", "more than 1 manifest files")


def judged(path: str, links: Mapping[str, str], *given: str) -> dict[str, str]:
    """What is wrong, by link."""
    of = [Entry(LINK, f"id-{link}", link) for link in links]
    found = judge_links(of, lambda link: links[link.path], [*files(*given), *of], path)
    return {str(problem.location): problem.message for problem in found}


def test_a_link_to_what_is_read_anyway_or_is_no_manifest_is_none_of_our_business() -> None:
    links = {
        "m/b.yaml": "a.yaml",
        "m/x": "deep",
        "README": "m/a.yaml",
        "m/gone": "nowhere",
        "m/r": "../README.md",
    }
    assert judged("m", links, "m/a.yaml", "m/deep/c.yaml", "README.md") == {}
    assert judged("", {"all": "."}, "a.yaml") == {}


def test_a_link_behind_which_something_would_be_missed_is_an_error() -> None:
    behind = "a link; what stands behind it is not read"
    out = "a link that leads out of the repository"
    links = {
        "m/b.yaml": "../other/a.yaml",
        "m/c.yaml": "nowhere.yaml",
        "m/d.yaml": "a.txt",
        "m/dir": "../other",
        "m/h": ".hidden",
        "m/out": "../../x",
        "m/etc": "/etc",
    }
    assert judged("m", links, "m/a.yaml", "m/a.txt", "other/a.yaml", "m/.hidden/a.yaml") == {
        "m/b.yaml": behind, "m/c.yaml": behind, "m/d.yaml": behind, "m/dir": behind, "m/h": behind,
        "m/out": out, "m/etc": out,
    }  # fmt: skip
