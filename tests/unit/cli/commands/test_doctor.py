import pytest
from fakes.command import Routerctl, manifest, served

from reconciler.bootstrap.doctor.examine import Examination
from reconciler.bootstrap.doctor.finding import ok

FAR = manifest(
    "Provider",
    "far",
    {"type": "openai-compatible", "config": {"baseURL": "https://a.example", "apiKey": "sk-x-canary"}},
)


def test_it_says_what_is_wrong_why_and_what_to_do(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"), FAR)
    done = routerctl("doctor")
    assert (done.code, done.out.splitlines()[-1]) == (0, "0 errors, 2 warnings.")
    lines = done.out.splitlines()
    at = next(
        number for number, line in enumerate(lines) if "Provider/far: https://a.example has no path" in line
    )
    assert lines[at].startswith("warning  base-url ")
    assert lines[at + 1].split(":")[0].split() == ["why"]
    assert lines[at + 2].split(":")[0].split() == ["do"]
    routerctl.db.with_suffix(".key").unlink()
    done = routerctl("doctor")
    assert (done.code, "sealed with" in done.out) == (5, True)
    assert "canary" not in done.out


def test_programs_get_it_as_data(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    told = routerctl("doctor", "-o", "json").json()
    assert (told["errors"], told["warnings"]) == (0, 1)
    assert {"check", "level", "message", "why", "todo"} == set(told["findings"][0])
    assert told["findings"][0]["check"] == "store"


def test_all_well_is_said_in_three_words(routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Examination, "findings", lambda _: [ok("disk", "fine")])
    assert routerctl.ok("doctor").splitlines() == ["ok       disk         fine", "Nothing is wrong."]
