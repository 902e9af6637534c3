"""Changes as a principal: one revision through the engine that all commands use, or what it would be."""

from collections.abc import Callable

from reconciler.clock import timestamp
from reconciler.control.foreign_secrets import check_proposed
from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.contested import require_uncontested
from reconciler.control.imperative.write import Writing, rehearse, write
from reconciler.control.proposal import Proposal
from reconciler.management.rest.manner import Manner, check_expected, manager_of
from reconciler.management.rest.stores import Stores
from reconciler.management.rest.written import Written
from reconciler.resources.principal import Principal
from reconciler.resources.state import State
from reconciler.store.records import RevisionMeta

_FORCE = "change it in those files; or take it over with ?force=true"


def carry_out(
    stores: Stores, who: Principal, manner: Manner, rewrites: Rewrites | Callable[[State], Rewrites]
) -> Written:
    """Does it as one revision, or none where nothing changes; asked anew where others commit in between.

    Raises Forbidden, PreconditionFailed, FieldConflicts for what a source declares, and what control.imperative.write does.
    """
    manager = manager_of(who, manner.manager)  # before anything is told of what is there

    def check(proposal: Proposal) -> None:
        check_proposed(who, proposal, manager)
        if not manner.force:
            require_uncontested(proposal.plan.changes, manager, hint=_FORCE)

    def decided(state: State) -> Rewrites:
        check_expected(state, manner.expected)
        return rewrites(state) if callable(rewrites) else rewrites

    writing = Writing({}, manager, more=decided, check=check)
    with stores.open(who, sealing=not manner.dry_run) as store:
        if manner.dry_run:
            now, new_key = timestamp(stores.clock.now()), not store.reader.holds_sealed()
            return Written(rehearse(writing, store.reader, store.cipher, now=now, new_key=new_key), None)
        meta = RevisionMeta(who.name, manner.operation, message=manner.message, manager=manager)
        done = write(writing, store.reader, store.writer, store.cipher, stores.clock, meta)
    return Written(done.proposal, done.revision)
