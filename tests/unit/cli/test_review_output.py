from reconciler.cli.output import Palette
from reconciler.cli.review_output import (
    ImpactRow,
    drift_text,
    impact_lines,
    impact_rows,
    review_json,
    review_text,
)
from reconciler.control.drift import Drift
from reconciler.control.plan.effects import Effect, Impact
from reconciler.control.plan.model import Plan
from reconciler.control.review import Review
from reconciler.resources.resource import ResourceKey
from reconciler.store.records import Revision

PLAIN = Palette({}, "never")
P = ResourceKey("Provider", "default", "p")
NIGHT = Revision(
    7,
    6,
    "2026-01-01T03:00:00Z",
    "ada",
    None,
    None,
    dirty=False,
    message="it flaps",
    operation="patch",
    digest="d",
)
DRIFT = Drift(P, "spec.enabled", True, False, secret=False, manager="cli:ada", revision=NIGHT)
IMPACT = Impact(
    (
        Effect("lost-model", "team", "m", ("a",), ()),
        Effect("lost-records", "default", "", ("168h",), ("24h",)),
        Effect("single-provider", "default", "n", ("a", "b"), ("b",)),
        Effect("fallback-order", "default", "n", ("a", "b"), ("b",)),
        Effect("default-model", "default", "", ("x\x1b", "m"), ()),
        Effect("default-model", "team", "", (), ("m",)),
        Effect("active-provider", "default", "", ("a",), ("b",)),
        Effect("active-provider", "team", "", (), ("a",)),
        Effect("unknown-models", "default", "", (), ("a",)),
        Effect("vanished-name", "default", "x\x1b", ("m",), ()),
        Effect("moved-name", "team", "y", ("m",), ("n",)),
        *(Effect("appeared-name", "default", f"z{number}", (), ("m",)) for number in range(7)),
    )
)


def test_effects_on_one_thing_share_a_row_and_harmless_ones_a_line() -> None:
    assert impact_rows(IMPACT) == [
        ImpactRow(("lost-model",), "Model/team/m", "a", "none"),
        ImpactRow(("lost-records",), "records", "168h", "24h"),
        ImpactRow(("single-provider", "fallback-order"), "Model/n", "a, b", "b"),
        ImpactRow(("default-model",), "default", "x\\x1b (m)", "none"),
        ImpactRow(("default-model",), "default of team", "none", "m"),
        ImpactRow(("active-provider",), "active", "a", "b"),
        ImpactRow(("active-provider",), "active of team", "none", "a"),
        ImpactRow(("unknown-models",), "unknown", "none", "a"),
        ImpactRow(("vanished-name",), "x\\x1b", "m", "nothing"),
        ImpactRow(("moved-name",), "team/y", "m", "n"),
        ImpactRow(("appeared-name",), "z0, z1, z2, z3, z4 and 2 more"),
    ]


def test_the_impact_for_a_terminal() -> None:
    assert impact_lines(Impact(), PLAIN) == []
    lines = impact_lines(IMPACT, PLAIN)
    assert lines[:4] == [
        "Impact:",
        "  lost-model                       Model/team/m: a → none",
        "  lost-records                     records: 168h → 24h",
        "  single-provider, fallback-order  Model/n: a, b → b",
    ]
    assert lines[-1] == "  appeared-name                    z0, z1, z2, z3, z4 and 2 more"
    assert impact_lines(IMPACT, Palette({}, "always"))[1].startswith("  \x1b[31mlost-model")


def test_drift_says_what_who_when_and_why() -> None:
    made = "by cli:ada at 2026-01-01T03:00:00Z, revision 7 (patch)"
    assert drift_text(DRIFT) == f"spec.enabled: false, declared true; {made}: it flaps"
    assert drift_text(Drift(P, None, None, None, secret=False, manager="cli:ada", revision=NIGHT)) == (
        f"deleted; {made}: it flaps"
    )
    gone = Drift(P, "spec.description", "x", None, secret=False, manager="cli:ada", revision=NIGHT)
    assert drift_text(gone) == f"spec.description: removed, declared x; {made}: it flaps"
    hidden = Drift(P, "spec.k", "(sealed)", "(sealed)", secret=True, manager="cli:ada", revision=NIGHT)
    assert drift_text(hidden) == f"spec.k: another value than declared; {made}: it flaps"


def test_the_text_ends_with_the_counts() -> None:
    review = Review(Plan(7), impact=IMPACT, drift=(DRIFT,))
    lines = review_text(review, PLAIN).split("\n")
    assert lines[0] == "Impact:"
    assert lines[-3:] == [
        "Drift, changed behind the source's back:",
        f"  Provider/p  {drift_text(DRIFT)}",
        "No changes against revision 7.",
    ]
    assert review_text(Review(Plan(7)), PLAIN) == "No changes against revision 7."


def test_for_programs() -> None:
    told = review_json(Review(Plan(7), impact=Impact(IMPACT.effects[:1]), drift=(DRIFT,)))
    assert told["impact"] == [
        {"effect": "lost-model", "namespace": "team", "subject": "m", "before": ["a"], "after": []}
    ]
    assert told["drift"] == [
        {
            "key": "Provider/p", "field": "spec.enabled", "declared": True, "live": False, "manager": "cli:ada",
            "actor": "ada", "time": "2026-01-01T03:00:00Z", "revision": 7, "operation": "patch", "message": "it flaps",
        }
    ]  # fmt: skip
    hidden = Drift(P, "spec.k", "(sealed)", "(sealed)", secret=True, manager="cli:ada", revision=NIGHT)
    gone = Drift(P, None, None, None, secret=False, manager="cli:ada", revision=NIGHT)
    shown = review_json(Review(Plan(7), drift=(hidden, gone)))["drift"]
    assert isinstance(shown, list)
    assert [{*item} & {"declared", "live", "secret"} for item in shown if isinstance(item, dict)] == [
        {"secret"}, set()
    ]  # fmt: skip
