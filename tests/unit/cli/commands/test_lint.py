import json
from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest, served

PUBLIC = manifest(
    "Provider", "p", {"type": "openai-compatible", "config": {"baseURL": "http://a.example.com/v1"}}
)


def test_what_is_clean_below_the_bound(routerctl: Routerctl) -> None:
    path = routerctl.write("a.yaml", served("m"))
    done = routerctl("lint", "-f", path)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("3 resources in 1 file: 1 info.\n")
    assert not routerctl.db.parent.exists()


@pytest.mark.parametrize(("fail_on", "code"), [(None, 3), ("info", 3), ("warning", 3), ("error", 0)])
def test_the_bound_decides_the_exit_code(routerctl: Routerctl, fail_on: str | None, code: int) -> None:
    path = routerctl.write("a.yaml", PUBLIC)
    options = ["--fail-on", fail_on] if fail_on else []
    done = routerctl("lint", "-f", path, *options)
    assert (done.code, done.out.count("warning[http-to-public-host]")) == (code, 1)
    assert done.out.startswith(f"{path}:2:")


def test_what_validate_calls_an_error_is_one(routerctl: Routerctl) -> None:
    path = routerctl.write("a.yaml", manifest("Model", "m", {"aliases": 7}))
    done = routerctl("lint", "-f", path, "--fail-on", "error")
    assert (done.code, ": error[invalid]: Model/m: spec.aliases: " in done.out) == (3, True)
    assert routerctl("lint", "-f", routerctl.manifests / "gone").code == 3


def test_a_rule_is_left_out(routerctl: Routerctl) -> None:
    path = routerctl.write("a.yaml", PUBLIC)
    options = ["--disable", "http-to-public-host", "--disable", "unused-provider"]
    done = routerctl("lint", "-f", path, *options)
    assert (done.code, done.out) == (0, "1 resource in 1 file: nothing to say.\n")


@pytest.mark.parametrize(("name", "why"), [("xyzzy", "is no rule"), ("invalid", "can't be disabled")])
def test_a_rule_that_is_none_or_must_stay(routerctl: Routerctl, name: str, why: str) -> None:
    done = routerctl("lint", "-f", ".", "--disable", name)
    assert (done.code, why in done.err) == (2, True)


def test_a_comment_above_the_first_document_counts(routerctl: Routerctl) -> None:
    comment = "# routerctl-lint: disable-file=http-to-public-host,unused-provider a test\n"
    path = routerctl.write("a.yaml", comment, PUBLIC)
    assert routerctl("lint", "-f", path).out == "1 resource in 1 file: 2 silenced by comments.\n"


def test_stdin(routerctl: Routerctl) -> None:
    done = routerctl(
        "lint", "-f", "-", stdin=PUBLIC.replace("}\n", "} # routerctl-lint: disable=unused-provider\n")
    )
    assert (done.code, done.out.startswith("stdin:2:")) == (3, True)
    assert "unused" not in done.out
    above = "# routerctl-lint: disable-file=unused-provider\n"
    assert "1 silenced by comments" in routerctl("lint", "-f", "-", stdin=above + PUBLIC).out
    annotated = routerctl("lint", "-f", "-", "-o", "github", stdin=PUBLIC)
    assert annotated.out.splitlines()[0].startswith("::notice title=unused-provider::Provider/p: ")


def test_an_overlay(routerctl: Routerctl) -> None:
    routerctl.write("base/p.yaml", PUBLIC)
    routerctl.write("base/kustomization.yaml", "resources: [p.yaml]\n")
    path = routerctl.write("team/kustomization.yaml", "resources: [../base]\nnamePrefix: team-\n").parent
    done = routerctl("lint", "-k", path)
    assert (done.code, "warning[http-to-public-host]: Provider/team-p" in done.out) == (3, True)


def test_json(routerctl: Routerctl) -> None:
    path = routerctl.write(
        "a.yaml",
        PUBLIC,
        manifest(
            "Provider", "q", {"type": "lm-studio", "config": {"baseURL": "http://a", "apiKey": "sk-canary"}}
        ),
    )
    done = routerctl("lint", "-f", path, "-o", "json")
    told = done.json()
    assert (done.code, told["resources"]) == (3, 2)
    assert told["summary"] == {"error": 0, "warning": 2, "info": 2, "silenced": 0}
    assert [item["rule"] for item in told["findings"]].count("plaintext-secret") == 1
    assert set(told["findings"][0]) == {
        "rule", "severity", "file", "line", "column", "key", "field", "message", "hint"
    }  # fmt: skip
    assert "canary" not in done.out
    assert routerctl("lint", "-f", path, "-o", "jsonpath={.summary.warning}").out == "2\n"


def test_github_and_sarif(routerctl: Routerctl, monkeypatch: pytest.MonkeyPatch) -> None:
    path = routerctl.write("a.yaml", PUBLIC)
    monkeypatch.chdir(path.parent.parent)
    annotated = routerctl("lint", "-f", path, "-o", "github")
    assert (annotated.code, annotated.err) == (3, "")
    assert annotated.out.splitlines()[1].startswith("::warning file=manifests/a.yaml,line=2,col=")
    scanned = routerctl("lint", "-f", Path("manifests"), "-o", "sarif")
    uris = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in json.loads(scanned.out)["runs"][0]["results"]
    }
    assert (scanned.code, uris) == (3, {"manifests/a.yaml"})
    clean = routerctl(
        "lint", "-f", path, "-o", "github", "--disable", "unused-provider", "--disable", "http-to-public-host"
    )
    assert (clean.code, clean.out) == (0, "")


def test_the_list_of_rules(routerctl: Routerctl) -> None:
    out = routerctl.ok("lint", "--list")
    assert out.splitlines()[0].split() == ["ID", "SEVERITY", "SAYS"]
    assert "http-to-public-host" in out
    rules = routerctl("lint", "--list", "-o", "json").json()["rules"]
    assert set(rules[0]) == {"id", "severity", "applies", "summary", "why", "bad", "good"}
    assert routerctl("lint", "--list", "-o", "sarif").code == 2


def test_our_own_manifests_are_clean(routerctl: Routerctl) -> None:
    done = routerctl("lint", "-f", Path(__file__).parents[4] / "manifests")
    assert (done.code, "silenced by comments" in done.out) == (0, True)


def test_nothing_to_review_is_wrong_usage(routerctl: Routerctl) -> None:
    done = routerctl("lint")
    assert (done.code, "-f or -k, or --list" in done.err) == (2, True)
