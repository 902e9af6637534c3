from fakes.command import Routerctl, manifest, served

from reconciler.cli.proposing import proposal_of, reader_if_any, review_for
from reconciler.cli.session import Session

SECRET = manifest("Secret", "s", {"data": {"K": {"value": "sk-canary"}}})


def session_of(routerctl: Routerctl) -> Session:
    return Session({}, str(routerctl.db))


def test_no_store_yet(routerctl: Routerctl) -> None:
    with reader_if_any(session_of(routerctl)) as reader:
        assert reader is None
    path = routerctl.write("a.yaml", served("m") + SECRET)
    _, proposal = proposal_of(session_of(routerctl), [str(path)], None, prune=False)
    assert (proposal.plan.base, len(proposal.plan.changes)) == (0, 4)
    assert proposal.unsealed == frozenset()


def test_a_store_and_its_key(routerctl: Routerctl) -> None:
    routerctl.apply(served("m") + SECRET)
    path = str(routerctl.manifests)
    with reader_if_any(session_of(routerctl)) as reader:
        assert reader is not None
    wanted, proposal = proposal_of(session_of(routerctl), [path], None, prune=True, force=True)
    assert (wanted.prune, wanted.force, proposal.plan.empty) == (True, True, True)


def test_a_store_whose_key_is_lost(routerctl: Routerctl) -> None:
    routerctl.apply(served("m") + SECRET)
    routerctl.db.with_suffix(".key").unlink()
    _, proposal = proposal_of(session_of(routerctl), [str(routerctl.manifests)], None, prune=False)
    assert {field for _, field in proposal.unsealed} == {"spec.data.K"}


def test_a_review_says_what_it_means(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    routerctl.write("a.yaml", served("m", enabled=False))
    _, proposal, review = review_for(
        session_of(routerctl), [str(routerctl.manifests)], None, prune=False, force=True
    )
    assert review.plan == proposal.plan
    assert review.impact.counts() == {"lost-model": 1}
