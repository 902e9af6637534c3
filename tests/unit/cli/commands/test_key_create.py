from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest, served

from reconciler.secrets.key_text import hash_of

KEYS = manifest("Settings", "default", {"auth": {"dataPlane": "keys"}})


def spec_of(routerctl: Routerctl, name: str) -> dict[str, object]:
    found = routerctl("get", "clientkey", name, "-o", "json").json()["spec"]
    assert isinstance(found, dict)
    return found


def test_a_key_is_shown_once_and_kept_as_a_hash(routerctl: Routerctl) -> None:
    done = routerctl(
        *(
            "key",
            "create",
            "team",
            "--model",
            "m*",
            "--model",
            "n",
            "--route",
            "r",
            "--display-name",
            "The team",
        ),
        *("--limit", "requestsPerMinute=60", "--budget", "month=25.00", "--token-budget", "month=9"),
        *("--token-budget", "day=1", "--metadata", "cost=42", "--expires", "2031-01-31"),
    )
    text = done.out.strip()
    assert (done.code, len(done.out.splitlines())) == (0, 1)
    assert "clientkey/team created" in done.err
    assert "auth: {dataPlane: keys}" in done.err
    spec = spec_of(routerctl, "team")
    assert spec["keys"] == [{"id": text[3:15], "hash": hash_of(text)}]
    assert (spec["models"], spec["routes"], spec["displayName"]) == (["m*", "n"], ["r"], "The team")
    assert spec["limits"] == {"requestsPerMinute": 60}
    assert spec["budgets"] == [
        {"window": "month", "amount": "25.00", "tokens": 9},
        {"window": "day", "tokens": 1},
    ]
    assert (spec["metadata"], spec["expires"]) == ({"cost": "42"}, "2031-01-31T00:00:00Z")
    again = routerctl("key", "create", "team")
    assert (again.code, again.out) == (4, "")
    assert "key rotate team" in again.err


def test_where_keys_are_asked_for_nothing_is_said_of_it(routerctl: Routerctl) -> None:
    routerctl.write("a.yaml", KEYS + served("m"))
    assert routerctl("apply", "-f", routerctl.manifests).code == 0
    assert "asked for" not in routerctl("key", "create", "team").err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--limit", "requestsPerMinute"), 2, "has no value; write NAME=N"),
        (("--limit", "requestsPerMinute=x"), 2, "is no whole number"),
        (("--limit", "requestsPerYear=1"), 3, "unknown field"),
        (("--budget", "year=1"), 3, "budgets"),
        (("--expires", "2020-01-01"), 2, "has passed"),
        (("--expires", "soon"), 2, "is no end"),
    ],
)
def test_what_can_not_be_made(routerctl: Routerctl, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = routerctl("key", "create", "team", *arguments)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


def test_a_manifest_for_git_instead(routerctl: Routerctl, tmp_path: Path) -> None:
    beside = routerctl("key", "create", "team", "--save", "-")
    assert "kind: ClientKey" in beside.out
    assert "rk-" not in beside.out
    text = next(line for line in beside.err.splitlines() if line.startswith("rk-"))
    assert hash_of(text) in beside.out
    file = tmp_path / "team.yaml"
    saved = routerctl("key", "create", "team", "--save", str(file))
    assert hash_of(saved.out.strip()) in file.read_text()
    assert routerctl("key", "create", "team", "--save", str(file)).code == 3
    assert routerctl("key", "create", "team", "--save", str(tmp_path / "no" / "x.yaml")).code == 3
    assert routerctl("apply", "-f", str(file)).code == 0
    assert routerctl("key", "list").out.split()[-3:-1] == ["-", "-"]


def test_a_key_that_is_stored_is_shown_also_where_nothing_serves_it(routerctl: Routerctl) -> None:
    done = routerctl("key", "create", "team", "--wait")
    assert done.code == 6
    assert hash_of(done.out.strip()) == spec_of(routerctl, "team")["keys"][0]["hash"]  # type: ignore[index]


def test_a_key_may_end_before_its_client_and_be_shown_as_data(routerctl: Routerctl) -> None:
    dry = routerctl("key", "create", "team", "--key-expires", "2031-01-31", "--dry-run")
    assert (dry.code, dry.out, dry.err.strip()) == (0, "", "clientkey/team created (dry run)")
    done = routerctl("key", "create", "team", "--key-expires", "2031-01-31", "-o", "json")
    shown = done.json()
    assert shown == {
        "namespace": "default",
        "clientKey": "team",
        "id": shown["key"][3:15],
        "key": shown["key"],
    }
    spec = spec_of(routerctl, "team")
    entry = {"id": shown["id"], "hash": hash_of(str(shown["key"])), "expires": "2031-01-31T00:00:00Z"}
    assert (spec["keys"], "expires" in spec) == ([entry], False)
    assert routerctl("key", "create", "other", "--save", "-", "-o", "json").code == 2
    passed = routerctl("key", "create", "other", "--key-expires", "2020-01-01")
    assert (passed.code, "--key-expires: that moment has passed" in passed.err) == (2, True)
