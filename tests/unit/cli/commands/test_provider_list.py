import pytest
from fakes.command import Routerctl, manifest, served


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.apply(
        served("low", displayName="Low one"),
        served("high", priority=9, enabled=False, description="at night"),
        manifest("Settings", "default", {"activeProvider": "low"}),
    )
    return routerctl


def test_the_table(filled: Routerctl) -> None:
    assert filled.ok("provider", "list") == (
        "    ID     NAME      TYPE        ENABLED   PRIORITY   HEALTH     MODELS\n"
        "    high   -         simulator   false     9          disabled   1\n"
        "*   low    Low one   simulator   true      0          unknown    1\n"
    )
    assert "at night" in filled.ok("provider", "list", "-o", "wide")


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ((), ["high", "low"]),
        (("--enabled",), ["low"]),
        (("--disabled",), ["high"]),
        (("--type", "ollama"), []),
        (("--type", "ollama", "--type", "simulator"), ["high", "low"]),
        (("-l", "a=b"), []),
        (("-n", "team"), []),
        (("-A",), ["high", "low"]),
    ],
)
def test_some_of_them(filled: Routerctl, words: tuple[str, ...], names: list[str]) -> None:
    out = filled.ok("provider", "list", *words, "-o", "name")
    assert out == "".join(f"provider/{name}\n" for name in names)


def test_as_data(filled: Routerctl) -> None:
    items = filled("provider", "list", "-o", "json").json()["items"]
    assert [(item["metadata"]["name"], item["status"]["active"]) for item in items] == [
        ("high", False),
        ("low", True),
    ]
    assert (items[1]["status"]["health"], items[1]["status"]["models"]) == ("unknown", ["low"])
    assert "NAMESPACE" in filled.ok("provider", "list", "-A")


def test_none_of_them(filled: Routerctl) -> None:
    done = filled("provider", "list", "-n", "team")
    assert (done.out, "No providers; make one with: routerctl" in done.err) == ("", True)
