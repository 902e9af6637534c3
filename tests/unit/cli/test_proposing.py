from fakes.command import Routerctl, manifest, served

from reconciler.cli.proposing import (
    considered,
    read_wanted,
    reader_if_any,
    records_if_any,
    review_of_wanted,
)
from reconciler.cli.session import Session
from reconciler.control.proposal import Proposal

SECRET = manifest("Secret", "s", {"data": {"K": {"value": "sk-canary"}}})


def session_of(routerctl: Routerctl) -> Session:
    return Session({}, str(routerctl.db))


def proposal_of(routerctl: Routerctl) -> Proposal:
    session = session_of(routerctl)
    return considered(session, read_wanted(session, [str(routerctl.manifests)]), None).proposal


def test_no_store_yet(routerctl: Routerctl) -> None:
    with reader_if_any(session_of(routerctl)) as reader, records_if_any(session_of(routerctl)) as records:
        assert (reader, records) == (None, None)
    routerctl.write("a.yaml", served("m") + SECRET)
    proposal = proposal_of(routerctl)
    assert (proposal.plan.base, len(proposal.plan.changes)) == (0, 4)
    assert proposal.unsealed == frozenset()


def test_a_store_and_its_key(routerctl: Routerctl) -> None:
    routerctl.apply(served("m") + SECRET)
    path = str(routerctl.manifests)
    with reader_if_any(session_of(routerctl)) as reader, records_if_any(session_of(routerctl)) as records:
        assert reader is not None
        assert records is not None
    wanted = read_wanted(session_of(routerctl), [path], prune=True, force=True)
    assert (wanted.prune, wanted.force) == (True, True)
    assert considered(session_of(routerctl), wanted, None).proposal.plan.empty


def test_a_store_whose_key_is_lost(routerctl: Routerctl) -> None:
    routerctl.apply(served("m") + SECRET)
    routerctl.db.with_suffix(".key").unlink()
    proposal = proposal_of(routerctl)
    assert {field for _, field in proposal.unsealed} == {"spec.data.K"}


def test_a_review_says_what_it_means(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    routerctl.write("a.yaml", served("m", enabled=False))
    session = session_of(routerctl)
    proposal, review = review_of_wanted(session, read_wanted(session, [str(routerctl.manifests)]))
    assert review.plan == proposal.plan
    assert review.impact.counts() == {"lost-model": 1}
