"""What a reviewer sees of a pull request, and what somebody on call did at night. In every form, and without a secret."""

import json
from pathlib import Path
from typing import Any

import pytest
from fakes.canary import forms
from fakes.command import Routerctl, manifest, served
from fakes.night import deleted, patched
from fakes.workshop import Workshop
from jsonschema import Draft202012Validator

from reconciler.control.plan.effects import EFFECTS
from reconciler.json_types import JsonObject
from reconciler.resources.resource import ResourceKey

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
SCHEMA = json.loads((REFERENCE / "diff.schema.json").read_text(encoding="utf-8"))
OLD, NEW = "sk-canary-old-Zq81LmPv", "sk-canary-new-7RtYwKd2"
FORMS = ("text", "json", "markdown")


def with_key(value: str, *references: str) -> str:
    config: JsonObject = {"baseURL": "https://a.example/v1", "apiKey": value}
    return manifest(
        "Provider", "far", {"type": "openai-compatible", "config": config, "priority": 5}
    ) + "".join(references)


def on_call(routerctl: Routerctl, key: ResourceKey, spec: JsonObject | None) -> None:
    shop = Workshop(routerctl.folder, store=routerctl.db)
    try:
        if spec is None:
            deleted(shop, key)
        else:
            patched(shop, spec, key)
    finally:
        shop.close()


def diffs(routerctl: Routerctl, *more: str) -> dict[str, str]:
    """What `diff` prints in every form; all end with the same code."""
    done = {form: routerctl("diff", "-f", routerctl.manifests, "-o", form, *more) for form in FORMS}
    assert {each.code for each in done.values()} == {1}, done
    return {form: each.out + each.err for form, each in done.items()}


def test_a_rotated_secret_is_changed_and_neither_value_is_shown(routerctl: Routerctl) -> None:
    routerctl.apply(with_key(OLD))
    routerctl.write("a.yaml", with_key(NEW))
    shown = diffs(routerctl)
    for form, text in shown.items():
        for secret in (OLD, NEW):
            assert not [needle for needle in forms(secret) if needle in text.encode()], form
    mark = json.loads(shown["json"].partition("\n}\n")[0] + "\n}")["changes"][0]["fields"][0]["fingerprint"]
    assert f"spec.config.apiKey: (changed, fingerprint {mark})" in shown["text"]
    assert f"! spec.config.apiKey: (changed, fingerprint {mark})" in shown["markdown"]
    again = routerctl("diff", "-f", routerctl.manifests)
    assert mark in again.out, "the same value has the same fingerprint"
    routerctl.ok("apply", "-f", routerctl.manifests)
    assert f"(changed, fingerprint {mark})" in routerctl.ok("show", "2")
    routerctl.write("a.yaml", with_key(OLD))
    assert mark not in routerctl("diff", "-f", routerctl.manifests).out


def test_masking_goes_by_the_type_of_the_field_so_a_secret_like_text_is_shown(routerctl: Routerctl) -> None:
    routerctl.apply(with_key("same", manifest("Model", "same", {"description": "same"})))
    routerctl.write(
        "a.yaml", with_key("another", manifest("Model", "same", {"description": "same, another"}))
    )
    out = routerctl("diff", "-f", routerctl.manifests).out
    assert "    spec.description: same → same, another\n" in out
    assert "spec.config.apiKey: (changed" in out


def test_differences_end_with_1_and_none_with_0(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    for form in FORMS:
        assert routerctl("diff", "-f", routerctl.manifests, "-o", form).code == 0
    routerctl.write("a.yaml", served("m", priority=1))
    diffs(routerctl)


def test_what_was_disabled_at_night_shows_with_who_when_and_why(routerctl: Routerctl) -> None:
    routerctl.apply(served("m", enabled=True))
    on_call(routerctl, ResourceKey("Provider", "default", "m"), {"enabled": False})
    shown = diffs(routerctl)
    when = json.loads(shown["json"])["drift"][0]["time"]
    line = (
        "Provider/m  spec.enabled: false, declared true; "
        f"by cli:ada at {when}, revision 2 (patch): the provider flaps\n"
    )
    assert f"Drift, changed behind the source's back:\n  {line}" in shown["text"]
    assert f"! {line}" in shown["markdown"]
    on_call(routerctl, ResourceKey("Binding", "default", "m"), None)
    assert "  Binding/m  deleted; by cli:ada at " in diffs(routerctl)["text"]


def test_a_prune_lists_what_goes_and_what_needs_it(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"), served("n"))
    other = routerctl.folder / "other.yaml"
    other.write_text(manifest("Settings", "default", {"defaultModel": "n"}))
    routerctl.ok("apply", "-f", other, "--source", "other")
    routerctl.write("a.yaml", served("m"))
    stays = "needed by Settings/default of other, which stays\n"
    for form, more in (("text", f"    {stays}"), ("markdown", f"! {stays}"), ("json", '"stranded": true')):
        done = routerctl("diff", "-f", routerctl.manifests, "--prune", "-o", form)
        assert (done.code, more in done.out) == (3, True), done
        assert done.err.endswith(
            "Settings/default: spec.defaultModel: refers to Model/n, which would be deleted; "
            "Settings/default belongs to other: change it there first, or keep Model/n\n"
        )
    dry = routerctl("apply", "-f", routerctl.manifests, "--prune", "--dry-run")
    assert (dry.code, stays in dry.out) == (3, True)
    other.write_text(manifest("Settings", "default", {"defaultModel": "m"}))
    routerctl.ok("apply", "-f", other, "--source", "other")
    done = routerctl("diff", "-f", routerctl.manifests, "--prune")
    assert done.code == 1
    assert f"    was needed by Binding/n of {routerctl.manifests}\n" in done.out
    assert "which stays" not in done.out


def test_ci_fails_on_what_it_names(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    routerctl.write("a.yaml", served("m", enabled=False))
    done = routerctl("diff", "-f", routerctl.manifests, "--fail-on", "vanished-name,lost-model")
    assert (done.code, done.err) == (
        4,
        "error: the impact holds what --fail-on names:\n  lost-model: Model/m\n",
    )
    assert "  lost-model  Model/m: m → none\n" in done.out
    assert routerctl("diff", "-f", routerctl.manifests, "--fail-on", "vanished-name").code == 1
    words = ["apply", "-f", str(routerctl.manifests), "--fail-on", "lost-model"]
    assert routerctl(*words, "--dry-run").code == 4
    refused = routerctl(*words)
    assert (refused.code, "add --dry-run" in refused.err) == (2, True)
    routerctl.ok("apply", "-f", routerctl.manifests)
    assert routerctl("diff", "--from", "1", "--fail-on", "lost-model").code == 4
    assert routerctl("diff", "--from", "2", "--to", "1", "--fail-on", "lost-model").code == 1


def test_markdown_of_two_revisions_and_of_a_dry_run(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    routerctl.apply(served("m", priority=2))
    between = routerctl("diff", "--from", "1", "-o", "markdown", "--max-size", "1000")
    assert (between.code, between.out.startswith("**routerctl**: 1 to update, against revision 1.\n")) == (
        1,
        True,
    )
    routerctl.write("a.yaml", served("m", priority=3))
    dry = routerctl.ok("apply", "-f", routerctl.manifests, "--dry-run", "-o", "markdown")
    assert dry.endswith("</details>\n")
    assert routerctl("apply", "-f", routerctl.manifests, "-o", "markdown").code == 2
    assert "impact" in routerctl("rollback", "1", "--dry-run", "-o", "json").json()["plan"]


def test_colours_are_as_asked_for(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    routerctl.write("a.yaml", served("m", priority=3))
    assert (
        "\x1b[33m~ Provider/m\x1b[0m" in routerctl("diff", "-f", routerctl.manifests, "--color", "always").out
    )
    assert "\x1b" not in routerctl("diff", "-f", routerctl.manifests).out


@pytest.fixture
def documents(routerctl: Routerctl) -> list[Any]:
    """Data that together holds every field there is."""
    routerctl.apply(with_key(OLD, served("m", priority=1), served("n"), served("x"), manifest("Model", "o")))
    on_call(routerctl, ResourceKey("Provider", "default", "m"), {"priority": 7})
    routerctl.write("a.yaml", with_key(NEW, served("m", priority=2), served("new"), served("x")))
    prune = ["-f", str(routerctl.manifests), "--prune", "-o", "json"]
    found = [
        routerctl("diff", *prune).json(),
        routerctl("apply", *prune, "--dry-run").json()["plan"],
        routerctl("diff", "--from", "0", "-o", "json").json(),
        routerctl("show", "-o", "json").json()["plan"],
        routerctl("apply", *prune, "--force-conflicts").json() and routerctl("apply", *prune).json()["plan"],
    ]
    back = routerctl("rollback", "1", "-o", "json").json()["plan"]
    routerctl("patch", "model/o", "-p", '{"metadata": {"finalizers": ["example.com/drain"]}}')
    routerctl("delete", "model/o")
    ways = [("head~1", "head"), ("head", "head~1")]
    found += [routerctl("diff", "--from", one, "--to", other, "-o", "json").json() for one, other in ways]
    routerctl.db.with_suffix(".key").unlink()
    return [*found, back, routerctl("diff", "-f", routerctl.manifests, "-o", "json").json()]


def test_the_json_is_as_documented_and_nothing_is_documented_that_is_not(documents: list[Any]) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    validator = Draft202012Validator(SCHEMA)
    assert [error.message for each in documents for error in validator.iter_errors(each)] == []
    described = {("", name) for name in SCHEMA["properties"]} | {
        (part, name) for part, of in SCHEMA["$defs"].items() for name in of["properties"]
    }
    parts = {"changes": "change", "conflicts": "conflict", "impact": "effect", "drift": "drift"}
    said = {("", name) for each in documents for name in each}
    for each in documents:
        for field, part in parts.items():
            said |= {(part, name) for item in each.get(field, ()) for name in item}
        said |= {("field", name) for change in each["changes"] for item in change["fields"] for name in item}
    secret_of_others = {("conflict", "secret"), ("drift", "secret")}  # see the unit tests of plans and drift
    assert described - said == secret_of_others


def test_the_reference_names_every_effect() -> None:
    text = (REFERENCE / "diff.md").read_text(encoding="utf-8")
    rows = [f"| `{word}` | {meaning} |" for word, meaning in EFFECTS.items()]
    assert "\n".join(rows) in text
    assert SCHEMA["$defs"]["effect"]["properties"]["effect"] == {
        "enum": [*EFFECTS],
        "description": " ".join(f"{word}: {meaning}." for word, meaning in EFFECTS.items()),
    }
