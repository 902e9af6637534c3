from fakes.command import Routerctl, served

from reconciler.bootstrap.reading import open_reader
from reconciler.store.url import parse


def test_old_contents_go_and_the_list_stays(routerctl: Routerctl) -> None:
    for priority in range(4):
        routerctl.apply(served("m", priority=priority))
    assert routerctl.ok("history", "prune", "--keep", "2", "--dry-run") == (
        "Would remove 1 old version; revisions 3 to 4 stay whole. Dry run: nothing was changed.\n"
    )
    assert "priority: 0 → 1" in routerctl.ok("show", "2")
    done = routerctl.ok("history", "prune", "--keep", "2")
    assert done.startswith("Removed 1 old version; revisions 3 to 4 stay whole.")
    assert routerctl.ok("history", "-o", "name").split() == [f"revision/{number}" for number in (4, 3, 2, 1)]
    assert "priority: 1 → 2" in routerctl.ok("show", "3")
    routerctl.ok("history", "verify")
    routerctl.ok("rollback", "2")


def test_what_was_compacted_is_refused_in_words(routerctl: Routerctl) -> None:
    for priority in range(4):
        routerctl.apply(served("m", priority=priority))
    routerctl.ok("history", "prune", "--keep", "1")
    for words in (["show", "2"], ["show", "3"], ["rollback", "1"], ["rollback", "2", "--dry-run"]):
        done = routerctl(*words)
        assert done.code == 3, words
        assert "was compacted: which resources it changed is still known, their contents are not" in done.err
    for words in (["diff", "--from", "2"], ["export", "--revision", "2"]):
        assert routerctl(*words).code == 3
    assert routerctl("diff", "--from", "3").code == 1


def test_space_that_is_given_back_is_told(routerctl: Routerctl) -> None:
    for text in "abcd":
        routerctl.apply(served("m", config={"text": text * 50_000}))
    with open_reader(parse(str(routerctl.db))) as reader, reader.consistent():
        reader.head()
        done = routerctl.ok("history", "prune", "--keep", "2")
    assert done == (
        "Removed 1 old version; revisions 3 to 4 stay whole.\n"
        "The file keeps its size for now: somebody reads it, or the disk has no room for a copy.\n"
    )
    done = routerctl.ok("history", "prune", "--keep", "1")
    assert done.startswith("Removed 1 old version; revision 4 stays whole. ")
    assert done.endswith(" KiB were given back.\n")


def test_by_time(routerctl: Routerctl) -> None:
    routerctl.apply(served("m", priority=1))
    routerctl.apply(served("m", priority=2))
    kept = routerctl("history", "prune", "--keep-since", "1d", "-o", "json").json()
    assert (kept["wholeFrom"], kept["versions"]) == (0, 0)
    gone = routerctl("history", "prune", "--keep-since", "2999-01-01", "--dry-run", "-o", "json").json()
    assert gone == {
        "dryRun": True,
        "head": 2,
        "wholeFrom": 1,
        "versions": 0,
        "sealedValues": 0,
        "freedBytes": None,
    }


def test_sealed_values_that_nothing_names_go_too(routerctl: Routerctl) -> None:
    config = {"baseURL": "https://a.example/v1"}
    for key in ("sk-one", "sk-two", "sk-three"):
        routerctl.apply(served("m", type="openai-compatible", config={**config, "apiKey": key}))
    assert "1 old version and 1 sealed value" in routerctl.ok("history", "prune", "--keep", "1")
    assert "2 sealed values opened" in routerctl.ok("history", "verify")


def test_what_to_keep_must_be_said(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    assert routerctl("history", "prune").code == 2
    assert routerctl("history", "prune", "--keep", "0").code == 2


def test_without_a_store_there_is_nothing_to_prune(routerctl: Routerctl) -> None:
    assert routerctl("history", "prune", "--keep", "1").code == 5
