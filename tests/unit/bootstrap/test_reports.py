from dataclasses import replace

from reconciler.bootstrap.reports import lines, source_status
from reconciler.control.manifest.document import Location, Problem
from reconciler.control.plan.model import Drifted, Held, Waiting
from reconciler.control.reconcile import Result
from reconciler.resources.resource import ResourceKey
from reconciler.store.source_status import GitStatus, SourceStatus

KEY, ANOTHER = (ResourceKey("Provider", "default", name) for name in "pq")
WARNING = Problem(Location("m.yaml", 2, 1), "a secret in plain text", KEY, warning=True)
BY_HAND = Drifted(KEY, "spec.priority", 1, 2, secret=False, manager="cli:ada", since="2026-11-22T01:00:00Z")
ERROR = Problem(Location("m.yaml", 1, 1), "wrong", KEY)
GOOD = Result("acme", 3, 2, commit="1a2b")
BAD = Result("acme", problems=(ERROR, WARNING), error="all lines again", exit_code=3)


def of(result: Result) -> SourceStatus:
    return source_status(result, ["/m"], "2026-11-22T01:00:00Z")


QUIET = of(replace(GOOD, changed=0))


def test_a_result_becomes_a_row() -> None:
    result = replace(
        GOOD,
        problems=(WARNING,),
        held=(Held(KEY, 2, drifts=True),),
        waiting=(Waiting(KEY, "it is held"),),
        undeclared=(KEY,),
    )
    assert of(result) == SourceStatus(
        ("/m",),
        "acme",
        "2026-11-22T01:00:00Z",
        3,
        2,
        "1a2b",
        None,
        ("m.yaml:2:1: warning: Provider/p: a secret in plain text",),
        (("Provider/p", 2, True),),
        (("Provider/p", "it is held"),),
        1,
    )


def test_the_error_of_manifests_is_their_number_and_any_other_stands_as_it_is() -> None:
    assert of(BAD).error == "1 problem in the manifests"
    assert of(replace(BAD, problems=(ERROR, ERROR))).error == "2 problems in the manifests"
    assert of(Result("acme", error="the store was busy")).error == "the store was busy"


def test_a_revision_is_told() -> None:
    assert lines(of(GOOD), None) == ["revision 3: 2 changes from acme"]
    assert lines(of(replace(GOOD, changed=1)), QUIET) == ["revision 3: 1 change from acme"]


def test_a_reconcile_without_change_is_not_told() -> None:
    assert lines(QUIET, None) == []
    assert lines(QUIET, QUIET) == []


def test_problems_are_told_when_they_are_new_and_once() -> None:
    told = [
        "m.yaml:1:1: error: Provider/p: wrong",
        "m.yaml:2:1: warning: Provider/p: a secret in plain text",
        "not applied, nothing was changed: 1 problem in the manifests",
    ]
    assert lines(of(BAD), None) == told
    assert lines(of(BAD), QUIET) == told
    assert lines(of(BAD), of(BAD)) == []
    assert lines(of(replace(BAD, problems=(ERROR,))), of(BAD)) == [told[0], told[2]]


def test_that_all_is_well_again_is_told() -> None:
    assert lines(QUIET, of(BAD)) == ["the manifests of acme are in order again; nothing to change"]
    assert lines(of(GOOD), of(BAD)) == ["revision 3: 2 changes from acme"]


def test_warnings_holds_and_what_is_undeclared_are_told_when_they_change() -> None:
    standing = of(
        replace(
            GOOD,
            changed=0,
            problems=(WARNING,),
            held=(Held(KEY, 2, drifts=True), Held(KEY, 2, drifts=False)),
            waiting=(Waiting(KEY, "it is held"),),
            undeclared=(KEY, KEY),
        )
    )
    told = [
        "m.yaml:2:1: warning: Provider/p: a secret in plain text",
        "Provider/p is held by the rollback that made revision 2: it differs from its manifest and stays so",
        "Provider/p is held by the rollback that made revision 2: it is as its manifest says",
        "Provider/p waits: it is held",
        "2 resources no longer declared by acme; --prune deletes what is gone",
    ]
    assert lines(standing, None) == told
    assert lines(standing, QUIET) == told
    assert lines(standing, standing) == []


def test_what_has_several_lines_is_told_on_one() -> None:
    failed = SourceStatus(("/m",), "acme", "now", error="busy\n  wait")
    assert lines(failed, None) == ["not applied, nothing was changed: busy; wait"]
    waits = SourceStatus(
        ("/m",), "acme", "now", 1, problems=("one\n  two",), waiting=(("Model/m", "held\n  resume"),)
    )
    assert lines(waits, None) == ["one; two", "Model/m waits: held; resume"]


FOLLOWED = GitStatus("https://h/x", "main", tip="4d5e6f7a8b9c0d")
SYNCED = replace(GOOD, commit="1a2b3c4d5e6f7a", git=FOLLOWED)


def test_a_revision_from_a_branch_names_its_commit() -> None:
    assert lines(of(SYNCED), None) == ["revision 3: 2 changes from acme at 1a2b3c4d5e"]
    still = of(replace(SYNCED, changed=0))
    assert lines(still, None) == ["acme at 1a2b3c4d5e: nothing to change"]
    assert lines(still, still) == []


def test_a_commit_that_is_not_applied_is_named_and_so_is_what_was_healed_meanwhile() -> None:
    bad = replace(BAD, rejected="commit 4d5e6f7a8b (Break it) is not applied", git=FOLLOWED)
    told = lines(of(bad), None)
    assert told[-1] == "commit 4d5e6f7a8b (Break it) is not applied: 1 problem in the manifests"
    healed = replace(bad, revision=4, changed=1, commit="1a2b3c4d5e6f7a")
    assert lines(of(healed), of(bad)) == ["revision 4: 1 change from acme at 1a2b3c4d5e"]


def test_a_remote_that_is_away_is_told_once_also_beside_a_bad_commit() -> None:
    away = replace(FOLLOWED, trouble="https://h/x can't be fetched from: no route")
    only = of(replace(SYNCED, changed=0, problems=(WARNING,), error=away.trouble, git=away))
    assert lines(only, None)[-1] == "https://h/x can't be fetched from: no route"
    assert lines(only, only) == []
    back = of(replace(SYNCED, changed=0))
    assert lines(back, only)[0] == "https://h/x can be fetched from again; nothing to change"
    bad = replace(BAD, rejected="commit 4d5e is not applied", git=FOLLOWED)
    both = of(replace(bad, git=away))
    assert lines(both, of(bad)) == ["https://h/x can't be fetched from: no route"]
    assert lines(both, both) == []


def test_drift_that_is_left_is_told_when_it_changes() -> None:
    drifting = of(replace(SYNCED, changed=0, drift=(BY_HAND, Drifted(KEY))))
    assert lines(drifting, of(replace(SYNCED, changed=0))) == [
        "drift, left as it is: Provider/p: spec.priority: 1, declared 2; by cli:ada at 2026-11-22T01:00:00Z",
        "drift: not as acme says, and left so: Provider/p",
    ]
    assert lines(drifting, drifting) == []
    more = of(replace(SYNCED, changed=0, drift=(BY_HAND, Drifted(KEY), Drifted(ANOTHER))))
    assert lines(more, drifting) == ["drift: not as acme says, and left so: Provider/q"]
    assert lines(drifting, more) == []
    assert lines(of(replace(SYNCED, changed=0)), drifting) == ["no drift from acme any more"]


def test_what_was_healed_is_told_with_the_revision_that_did_it_and_kept_in_the_row() -> None:
    healed = of(replace(SYNCED, changed=1, healed=(BY_HAND,)))
    assert lines(healed, None) == [
        "revision 3: 1 change from acme at 1a2b3c4d5e",
        "healed: Provider/p: spec.priority: 1, declared 2; by cli:ada at 2026-11-22T01:00:00Z",
    ]
    later = replace(healed, revision=4)
    assert lines(later, healed) == ["revision 4: 1 change from acme at 1a2b3c4d5e"]
