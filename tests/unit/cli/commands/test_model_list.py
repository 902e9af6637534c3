import pytest
from fakes.command import Routerctl, manifest, served


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.apply(
        served("a"),
        manifest("Model", "big", {"displayName": "Big", "capabilities": ["tools", "chat"]}),
        manifest(
            "Binding", "big-a", {"model": "big", "provider": "a", "upstreamModel": "x", "default": True}
        ),
        manifest("Model", "alone"),
    )
    return routerctl


def test_who_serves_each(filled: Routerctl) -> None:
    lines = filled.ok("model", "list").splitlines()
    assert lines[0].split() == ["ID", "NAME", "PROVIDERS", "CAPABILITIES", "READY"]
    assert [line.split()[:4] for line in lines[1:]] == [
        ["a", "-", "a", "-"],
        ["alone", "-", "-", "-"],
        ["big", "Big", "a*", "(x)"],
    ]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("--provider", "a"), ["a", "big"]),
        (("--capability", "tools"), ["big"]),
        (("--provider", "b"), []),
        (("-A",), ["a", "alone", "big"]),
    ],
)
def test_some_of_them(filled: Routerctl, words: tuple[str, ...], names: list[str]) -> None:
    assert filled.ok("model", "list", *words, "-o", "name") == "".join(f"model/{name}\n" for name in names)


def test_as_data_and_none(filled: Routerctl) -> None:
    items = filled("model", "list", "--capability", "tools", "-o", "json").json()["items"]
    assert items[0]["status"]["providers"] == [
        {"name": "a", "binding": "big-a", "upstreamModel": "x", "default": True}
    ]
    assert "NAMESPACE" in filled.ok("model", "list", "-A", "-o", "wide")
    assert "No models; make one with" in filled("model", "list", "-n", "team").err
