import json
from pathlib import Path

import pytest

from reconciler.cli.applied_output import (
    outcome_json,
    print_applied,
    print_dry_run,
    print_rolled_back,
)
from reconciler.cli.review_options import Showing
from reconciler.control.apply import Applied
from reconciler.control.plan.model import Action, Change, Plan
from reconciler.control.proposal import Proposal, Wanted
from reconciler.control.review import Review
from reconciler.control.rollback import RolledBack
from reconciler.control.source import Source
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.state import State
from reconciler.store.records import EMPTY_STORE, Hold, Revision

KEY = ResourceKey("Model", "default", "m")
PLAN = Plan(3, (Change(Action.CREATE, KEY, None, Resource(KEY, {"displayName": "M"})),))
HEAD = Revision(4, 3, "t", "ada", None, None, dirty=False, message="", operation="apply", digest="sha256:d")


def applied(
    plan: Plan = PLAN, revision: Revision = HEAD, attempts: int = 1, renamed_from: str | None = None
) -> Applied:
    proposal = Proposal(plan, State((), revision=3), {}, frozenset(), frozenset(), renamed_from)
    return Applied(proposal, revision, attempts)


@pytest.mark.parametrize(
    ("plan", "revision", "text"),
    [
        (PLAN, HEAD, "created   Model/m\nRevision 4  digest sha256:d\n"),
        (Plan(4), HEAD, "No changes. Revision 4 is the head, digest sha256:d.\n"),
        (Plan(0), EMPTY_STORE, "No changes. Revision 0 is the head.\n"),
    ],
)
def test_what_was_applied(
    plan: Plan, revision: Revision, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_applied(applied(plan, revision), Wanted({}, "cli:ada"), "text")
    assert capsys.readouterr() == (text, "")


def test_what_came_between_is_a_word_beside_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = Wanted({}, "git:new", Source("new", Path("/r")))
    print_applied(applied(attempts=2, renamed_from="/old"), wanted, "json")
    out, err = capsys.readouterr()
    assert json.loads(out)["revision"] == {"number": 4, "digest": "sha256:d", "time": "t"}
    assert err.splitlines() == [
        "planned 2 times: other commits came between",
        "the source /old is called new from now on",
    ]


def test_a_dry_run(capsys: pytest.CaptureFixture[str]) -> None:
    review = Review(PLAN, frozenset({(KEY, "spec")}))
    print_dry_run(review, "text", Showing(), {})
    assert capsys.readouterr().out == (
        "+ Model/m\n    spec.displayName: M  (default)\n? Model/m  spec: (unknown without the key)\n"
        "1 to create, 1 unknown, against revision 3.\n"
    )
    print_dry_run(review, "jsonpath={.dryRun} {.plan.summary.unknown} {.plan.impact}", Showing(), {})
    assert capsys.readouterr().out == "true 1 []\n"
    print_dry_run(review, "markdown", Showing(), {})
    assert capsys.readouterr().out.startswith("**routerctl**: 1 to create")


def test_what_a_rollback_holds(capsys: pytest.CaptureFixture[str]) -> None:
    done = RolledBack(PLAN, (Hold(KEY, "acme", None, 4),), HEAD)
    print_rolled_back(done, 1, "text", "routerctl --db x")
    assert capsys.readouterr().out.splitlines() == [
        "created   Model/m",
        "Revision 4  digest sha256:d",
        "Held against acme: Model/m. To end it: routerctl --db x resume acme",
    ]
    print_rolled_back(done, 1, "json", "routerctl")
    assert json.loads(capsys.readouterr().out)["holds"] == [{"key": "Model/m", "source": "acme"}]
    print_rolled_back(RolledBack(Plan(4), (), HEAD), 4, "text", "routerctl")
    assert capsys.readouterr().out == "No changes: the state is that of revision 4 already.\n"


def test_the_outcome_for_programs() -> None:
    assert {**outcome_json(Plan(0), EMPTY_STORE), "plan": None} == {
        "dryRun": False,
        "changed": False,
        "revision": {"number": 0, "digest": None, "time": None},
        "plan": None,
    }
