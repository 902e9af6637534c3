from pathlib import PurePosixPath

import pytest

from reconciler.control.manifest.round_trip.naming import file_of, is_usable
from reconciler.resources.resource import ResourceKey


def name(kind: str, name: str, namespace: str = "default", taken: tuple[str, ...] = ()) -> str:
    return file_of(ResourceKey(kind, namespace, name), frozenset(taken)).as_posix()


def test_a_file_is_named_after_kind_and_name() -> None:
    assert name("Provider", "openai") == "providers/openai.yaml"
    assert name("Settings", "default", "team-a") == "team-a/settings/default.yaml"
    assert file_of(ResourceKey("Model", "a", "m.1"), (), PurePosixPath("x/y")).as_posix() == "x/y/m.1.yaml"


def test_two_names_that_differ_in_case_are_two_files_everywhere() -> None:
    first = name("Model", "a", "Team")
    second = name("Model", "a", "team", (first.lower(),))
    assert (first, second) == ("Team/models/a.yaml", "team/models/a-model.yaml")
    third = name("Model", "a", "team", (first.lower(), second))
    assert third.startswith("team/models/a-")
    assert third.lower() not in {first.lower(), second}


@pytest.mark.parametrize("word", ["routerctl", "kustomization"])
def test_a_name_that_is_no_manifest_gets_another(word: str) -> None:
    assert name("Model", word) == f"models/{word}-model.yaml"


@pytest.mark.parametrize("word", ["con", "NUL", "com1", "aux.v2"])
def test_names_of_devices_get_a_digest(word: str) -> None:
    assert name("Model", word).startswith(f"models/{word}-")


@pytest.mark.parametrize("word", ["../up", "a/b", ".hidden", "a\0b", "-f", "ü"])
def test_odd_names_stay_inside(word: str) -> None:
    path = PurePosixPath(name("Model", word))
    assert len(path.parts) == 2
    assert path.name.isascii()
    assert path.name.isprintable()
    assert not path.name.startswith((".", "-"))
    assert name("Model", word) != name("Model", word + "x")


def test_long_names_fit_and_differ() -> None:
    one, other = name("Model", "a" * 252 + "b"), name("Model", "a" * 253)
    assert len(PurePosixPath(one).name) <= 255
    assert one != other


@pytest.mark.parametrize(
    ("path", "usable"),
    [
        ("a.yaml", True),
        ("x/a.json", True),
        ("/a.yaml", False),
        ("a.txt", False),
        ("x/routerctl.yaml", False),
        (".x/a.yml", False),
    ],
)
def test_a_recorded_path_is_usable_where_it_would_be_read(path: str, usable: bool) -> None:
    assert is_usable(PurePosixPath(path)) == usable
