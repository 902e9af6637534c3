import json

import pytest

from reconciler.cli.output import Palette
from reconciler.cli.plan_output import (
    counts_text,
    done_lines,
    plan_json,
    plan_text,
    problem_json,
    report_problems,
    standing_lines,
)
from reconciler.control.manifest.document import Location, Problem
from reconciler.control.ownership.apply import FieldConflict
from reconciler.control.plan.model import Action, Change, Held, Plan, ResourceConflict, Waiting
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import FieldManager, Resource, ResourceKey, StoredResource

TIME = "2026-01-01T00:00:00Z"
P, M = ResourceKey("Provider", "default", "p"), ResourceKey("Model", "team", "m")
OWNED: JsonObject = {
    "f:spec": {"f:type": {}, "f:displayName": {}, "f:config": {"f:apiKey": {}, "f:text": {}}}
}
PLAIN = Palette({})


def stored(key: ResourceKey, spec: JsonObject) -> StoredResource:
    return StoredResource(Resource(key, spec), "uid", 1, 1, TIME, 1, path="a.yaml")


def change(before: JsonObject | None, after: JsonObject | None, path: str | None = "a.yaml") -> Change:
    action = Action.CREATE if before is None else Action.DELETE if after is None else Action.UPDATE
    return Change(
        action,
        P,
        stored(P, before) if before is not None else None,
        Resource(P, after) if after is not None else None,
        (FieldManager("git:here", "Apply", OWNED, TIME),),
        "here",
        path,
    )


def text(*changes: Change) -> list[str]:
    return plan_text(Plan(3, changes), PLAIN).split("\n")


def test_a_creation_shows_every_field_and_what_is_a_default() -> None:
    assert text(change(None, {"type": "simulator", "enabled": True, "config": {"text": "a\nb"}})) == [
        "+ Provider/p  (a.yaml)",
        '    spec.config.text: "a\\nb"',
        "    spec.enabled: true  (default)",
        "    spec.type: simulator",
        "1 to create, against revision 3.",
    ]


def test_an_update_shows_what_differs() -> None:
    before: JsonObject = {"type": "simulator", "displayName": "Old", "enabled": True, "config": {}}
    after: JsonObject = {"type": "simulator", "enabled": False, "config": {"text": ""}}
    assert text(change(before, after, None)) == [
        "~ Provider/p",
        '    spec.config.text: ""',
        "    spec.displayName: Old → (removed)",
        "    spec.enabled: true → false  (default changed)",
        "1 to update, against revision 3.",
    ]


def test_a_deletion_shows_what_goes_and_the_file_that_declared_it() -> None:
    before: JsonObject = {"type": "lm-studio", "config": {"apiKey": {"sealed": "v-canary"}}}
    assert text(change(before, None, None)) == [
        "- Provider/p  (a.yaml)",
        "    spec.config.apiKey: (sealed) → (removed)",
        "    spec.type: lm-studio → (removed)",
        "1 to delete, against revision 3.",
    ]


def secret(value: JsonObject | None) -> JsonObject:
    return {"type": "lm-studio", "config": {"apiKey": value} if value else {}}


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ({"sealed": "v-1"}, {"sealed": "v-2"}, "    spec.config.apiKey: (changed)"),
        (None, {"sealed": "v-2"}, "    spec.config.apiKey: (sealed)"),
        ({"sealed": "v-1"}, None, "    spec.config.apiKey: (sealed) → (removed)"),
        (
            {"sealed": "v-1"},
            {"valueFrom": {"env": "A"}},
            '    spec.config.apiKey: (sealed) → {"valueFrom": {"env": "A"}}',
        ),
    ],
)
def test_of_a_secret_just_its_presence_is_shown(
    before: JsonObject | None, after: JsonObject | None, line: str
) -> None:
    plan = Plan(3, (change(secret(before), secret(after)),))
    assert plan_text(plan, PLAIN).split("\n")[1] == line
    shown = json.dumps(plan_json(plan))
    assert "v-1" not in shown
    assert "v-2" not in shown
    assert '"secret": "changed"' in shown


def test_a_long_value_is_cut() -> None:
    line = text(change(None, {"displayName": "x" * 500}))[1]
    assert line == f"    spec.displayName: {'x' * 200}… (500 characters)"


def test_nothing_in_a_plan_acts_on_the_terminal() -> None:
    lines = text(change(None, {"displayName": "\x1b[2J\x9b\u202e"}, "a\x1b.yaml"))
    assert all(line.isprintable() for line in lines)


def test_conflicts_are_shown_with_their_holders() -> None:
    plan = Plan(
        1, conflicts=(ResourceConflict(P, (FieldConflict("spec.priority", "git:other", TIME, 1, 2),)),)
    )
    assert plan_text(plan, PLAIN).split("\n") == [
        "! Provider/p",
        f"    spec.priority: 1 → 2, owned by git:other since {TIME}",
        "1 in conflict, against revision 1.",
    ]
    assert plan_json(plan)["conflicts"] == [
        {
            "key": "Provider/p",
            "field": "spec.priority",
            "manager": "git:other",
            "since": TIME,
            "old": 1,
            "wanted": 2,
        }
    ]


def test_of_a_secret_in_conflict_just_its_presence_is_shown() -> None:
    fields = (FieldConflict("spec.config.apiKey", "git:other", TIME, "(sealed)", "(sealed)", secret=True),)
    plan = Plan(1, conflicts=(ResourceConflict(P, fields),))
    assert f"    spec.config.apiKey: (changed), owned by git:other since {TIME}" in plan_text(plan, PLAIN)
    (shown,) = as_list(plan_json(plan)["conflicts"])
    assert shown == {
        "key": "Provider/p", "field": "spec.config.apiKey", "manager": "git:other", "since": TIME, "secret": "changed"
    }  # fmt: skip


def as_list(value: JsonValue) -> list[JsonValue]:
    assert isinstance(value, list)
    return value


def test_what_is_held_waits_or_stays_is_told() -> None:
    plan = Plan(
        4,
        held=(Held(P, 4, drifts=True), Held(M, 2, drifts=False)),
        waiting=(Waiting(M, "Provider/p is held"),),
        undeclared=tuple(ResourceKey("Model", "default", f"m{number}") for number in range(7)),
    )
    assert standing_lines(plan) == [
        "= Provider/p  held by the rollback that made revision 4; its source differs",
        "= Model/team/m  held by the rollback that made revision 2",
        "… Model/team/m  waits: Provider/p is held",
        (
            "7 resources no longer declared by the source; --prune deletes: "
            "Model/m0, Model/m1, Model/m2, Model/m3, Model/m4 and 2 more"
        ),
    ]
    shown = plan_json(plan)
    assert shown["held"] == [
        {"key": "Provider/p", "revision": 4, "drifts": True},
        {"key": "Model/team/m", "revision": 2, "drifts": False},
    ]
    assert shown["waiting"] == [{"key": "Model/team/m", "reason": "Provider/p is held"}]


def test_what_an_apply_would_release_is_said() -> None:
    plan = Plan(3, releases=((P, "github.com/acme/routing"),))
    assert plan_text(plan, PLAIN).split("\n")[0] == (
        "= Provider/p  held by a rollback against github.com/acme/routing; an apply from it ends that"
    )
    assert plan_json(plan)["releases"] == [{"key": "Provider/p", "source": "github.com/acme/routing"}]


def test_a_secret_that_can_not_be_compared_is_unknown() -> None:
    unknown = frozenset({(P, "spec.config.apiKey")})
    assert plan_text(Plan(1), PLAIN, unknown).split("\n") == [
        "? Provider/p  spec.config.apiKey: (unknown without the key)",
        "1 unknown, against revision 1.",
    ]
    assert plan_json(Plan(1), unknown)["unknown"] == [{"key": "Provider/p", "field": "spec.config.apiKey"}]


def test_the_json_of_a_plan() -> None:
    plan = Plan(0, (change(None, {"type": "simulator", "enabled": True}),))
    assert plan_json(plan) == {
        "base": 0,
        "summary": {"create": 1, "update": 0, "delete": 0, "unknown": 0},
        "changes": [
            {
                "action": "create",
                "kind": "Provider",
                "namespace": "default",
                "name": "p",
                "path": "a.yaml",
                "fields": [
                    {"field": "spec.enabled", "old": None, "new": True, "default": True},
                    {"field": "spec.type", "old": None, "new": "simulator"},
                ],
            }
        ],
        "conflicts": [],
        "undeclared": [],
        "held": [],
        "releases": [],
        "waiting": [],
        "unknown": [],
    }
    deletion = plan_json(Plan(1, (change({"type": "simulator"}, None),)))["changes"]
    assert isinstance(deletion, list)
    assert deletion[0] == {
        "action": "delete", "kind": "Provider", "namespace": "default", "name": "p", "path": "a.yaml",
        "fields": [{"field": "spec.type", "old": "simulator", "new": None}],
    }  # fmt: skip


def test_what_was_done_is_told_in_one_line_each() -> None:
    plan = Plan(1, (change(None, {}), change({}, {"priority": 1}), change({}, None)))
    assert done_lines(plan) == ["created   Provider/p", "updated   Provider/p", "deleted   Provider/p"]
    assert counts_text(plan) == "1 to create, 1 to update, 1 to delete, against revision 1."


def test_problems_for_people_and_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem(Location("a.yaml", 3, 5), "unknown", M, "spec.x", "remove it", warning=True)
    report_problems([problem])
    assert capsys.readouterr().err == "a.yaml:3:5: warning: Model/team/m: spec.x: unknown; remove it\n"
    assert problem_json(problem) == {
        "severity": "warning",
        "file": "a.yaml",
        "line": 3,
        "column": 5,
        "key": "Model/team/m",
        "field": "spec.x",
        "message": "unknown",
        "hint": "remove it",
    }
    bare = problem_json(Problem(None, "unknown"))
    assert (bare["severity"], bare["file"], bare["line"], bare["column"], bare["key"]) == (
        "error", None, None, None, None
    )  # fmt: skip
