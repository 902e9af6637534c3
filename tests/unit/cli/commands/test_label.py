import pytest
from fakes.command import Routerctl, manifest, served


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.apply(
        served("m"), manifest("Model", "n", labels={"tier": "gold"}), manifest("Model", "o", namespace="team")
    )
    return routerctl


def labels(filled: Routerctl, name: str) -> object:
    return filled("get", "model", name, "-o", "json").json()["metadata"].get("labels")


def test_set_removed_and_the_same(filled: Routerctl) -> None:
    assert filled.ok("label", "model/m", "model/n", "a=1", "b=").splitlines()[:2] == [
        "model/m labeled",
        "model/n labeled",
    ]
    assert labels(filled, "n") == {"a": "1", "b": "", "tier": "gold"}
    assert filled.ok("label", "model", "m", "a=1") == "model/m not labeled\n"
    assert filled.ok("label", "model", "m", "a-", "b-").splitlines()[0] == "model/m unlabeled"
    assert labels(filled, "m") is None
    assert filled.ok("history", "-o", "name").count("revision") == 3


def test_another_value_only_with_overwrite(filled: Routerctl) -> None:
    done = filled("label", "model/m", "model/n", "tier=silver")
    assert (done.code, done.out) == (4, "")
    assert done.err == "error: Model/n has other labels already: tier=gold\n  replace them with --overwrite\n"
    filled.ok("label", "model/n", "tier=silver", "--overwrite")
    assert labels(filled, "n") == {"tier": "silver"}


def test_by_label_and_all_of_a_kind(filled: Routerctl) -> None:
    assert filled.ok("label", "models", "-l", "tier=gold", "x=1", "-o", "name") == "model/n\n"
    assert filled.ok("label", "models", "--all", "y=1", "-o", "name") == "model/m\nmodel/n\n"
    assert filled.ok("label", "models", "--all", "-A", "z=1", "-o", "name") == "model/m\nmodel/n\nmodel/o\n"
    done = filled("label", "models", "-l", "tier=lead", "x=1")
    assert (done.code, done.err) == (0, "No resources found.\n")


@pytest.mark.parametrize(
    "words",
    [
        ["model/m"],
        ["a=1"],
        ["models", "a=1"],
        ["model/m", "a=1", "model/n"],
        ["model/m", "a=1", "a=2"],
        ["model/m", "a=1", "a-"],
        ["model/m", "--all", "a=1"],
        ["models", "--all", "-l", "x", "a=1"],
    ],
)
def test_wrong_usage(filled: Routerctl, words: list[str]) -> None:
    assert filled("label", *words).code == 2


def test_what_is_no_label(filled: Routerctl) -> None:
    done = filled("label", "model/m", "a b=1")
    assert (done.code, done.out) == (3, "")
    assert "metadata.labels" in done.err


def test_what_is_not_there(filled: Routerctl) -> None:
    done = filled("label", "model/m", "model/zzz", "a=1")
    assert (done.code, done.err.splitlines()[0]) == (3, "error: Model/zzz does not exist")
    assert labels(filled, "m") is None
