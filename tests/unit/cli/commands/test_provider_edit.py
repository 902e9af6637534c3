import pytest
from fakes.command import Done, Routerctl

from reconciler.cli.commands import provider_edit


@pytest.fixture
def filled(routerctl: Routerctl) -> Routerctl:
    routerctl.ok("provider", "add", "gpu", "--type", "ollama", "--set", "headers.X-A=1")
    return routerctl


def spec(routerctl: Routerctl) -> dict[str, object]:
    found = routerctl("get", "provider/gpu", "-o", "json").json()["spec"]
    assert isinstance(found, dict)
    return found


def asked(routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch, answers: str) -> Done:
    monkeypatch.setattr(provider_edit, "somebody_answers", lambda: True)
    return routerctl("provider", "edit", "gpu", stdin=answers)


def test_fields_are_changed_and_shown(filled: Routerctl) -> None:
    words = ("--priority", "0", "--set", "timeout=90s", "--unset", "headers.X-A")
    out = filled.ok("provider", "edit", "gpu", *words)
    assert out.startswith("~ Provider/gpu\n")
    assert "provider/gpu changed" in out
    assert "config.timeout: 120s → 90s" in out
    config = spec(filled)["config"]
    assert isinstance(config, dict)
    assert config.get("headers") in (None, {})


def test_the_same_again_is_no_revision(filled: Routerctl) -> None:
    assert filled.ok("provider", "edit", "gpu", "--enabled") == "provider/gpu unchanged\n"
    assert filled.ok("history", "-o", "name") == "revision/1\n"


def test_another_type(filled: Routerctl) -> None:
    filled.ok("provider", "edit", "gpu", "--type", "lm-studio", "--base-url", "http://h:1/v1")
    assert spec(filled)["type"] == "lm-studio"


_REFUSED: list[tuple[list[str], int, str]] = [
    (["gpu"], 2, "say what is to be another"),
    (["gp", "--priority", "1"], 3, "did you mean gpu?"),
    (["gpu", "--set", "priority=x"], 3, "priority is an integer"),
    (["gpu", "--type", "x"], 2, 'no provider type "x"'),
]


def test_what_can_not_be(filled: Routerctl) -> None:
    for words, code, said in _REFUSED:
        done = filled("provider", "edit", *words)
        assert (done.code, said in done.err) == (code, True), done.err


def test_at_a_terminal_it_asks(filled: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    done = asked(filled, monkeypatch, "GPU\nfor night work\n\nhigh\n7\n-\nn\nn\n")
    assert (done.code, 'priority is an integer, not "high"' in done.err) == (0, True)
    found = spec(filled)
    assert (found["displayName"], found["description"]) == ("GPU", "for night work")
    assert (found["priority"], found["enabled"]) == (7, False)


def test_a_key_that_is_asked_for(filled: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    done = asked(filled, monkeypatch, "\n\n\n\n\ny\nvariable\nGPU_API_KEY\ny\n")
    assert done.code == 0
    config = spec(filled)["config"]
    assert isinstance(config, dict)
    assert config["apiKey"] == {"valueFrom": {"env": "GPU_API_KEY"}}
