from reconciler.api.object_writes import Change, Changed
from reconciler.control.plan.model import Plan
from reconciler.control.proposal import Proposal
from reconciler.resources.state import State


def test_a_change_is_in_the_name_of_who_asks_and_a_dry_run_has_no_revision() -> None:
    change = Change("delete", {})
    assert (change.manager, change.dry_run, change.sealing) == (None, False, False)
    proposal = Proposal(Plan(0), State(), {}, frozenset(), frozenset())
    assert Changed(proposal).revision is None
