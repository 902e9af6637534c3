"""A proposal → the artefact that is kept of it."""

from collections.abc import Iterator, Sequence

from reconciler import __version__
from reconciler.control.plan.artefact import Artefact, InputFile, Relied
from reconciler.control.plan.effects import Impact
from reconciler.control.proposal import Proposal, Wanted
from reconciler.resources.references import references
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.state import State
from reconciler.store.records import Revision


def keep(
    wanted: Wanted,
    proposal: Proposal,
    base: Revision | None,
    *,
    made: str,
    inputs: Sequence[InputFile] = (),
    impact: Impact | None = None,
) -> Artefact:
    """`base` is the revision that the proposal was made against; None for the empty store."""
    source, plan = wanted.source, proposal.plan
    names = () if source is None else tuple(filter(None, (source.name, proposal.renamed_from)))
    return Artefact(
        plan=plan,
        base_digest=base.digest if base is not None else None,
        made=made,
        program=__version__,
        manager=wanted.manager,
        source=source.name if source is not None else None,
        names=names,
        commit=source.commit if source is not None else None,
        dirty=source is not None and source.dirty,
        scopes=wanted.scopes,
        prune=wanted.prune,
        declares=tuple(sorted(wanted.declared)) if wanted.prune else (),
        relies=tuple(_relied(proposal)),
        seals=tuple(proposal.entries.values()),
        holds=proposal.holds,
        inputs=tuple(inputs),
        impact=impact or Impact(),
    )


def _relied(proposal: Proposal) -> Iterator[Relied]:
    """What the changed resources refer to and the plan leaves alone."""
    state, changed = proposal.state, {change.key for change in proposal.plan.changes}
    found = {
        target
        for change in proposal.plan.changes
        if change.after is not None
        for target in _targets(change.after, state)
        if target in state and target not in changed
    }
    for key in sorted(found):
        yield Relied(key, state[key].uid, state[key].resource_version)


def _targets(resource: Resource, state: State) -> Iterator[ResourceKey]:
    for reference in references(resource):
        yield reference.target
    asked = resource.spec.get("defaultModel") if resource.key.kind == "Settings" else None
    if isinstance(asked, str):
        yield from (
            key
            for key, stored in state.items()
            if key[:2] == ("Model", resource.key.namespace) and _means(stored.resource, asked)
        )


def _means(model: Resource, asked: str) -> bool:
    """Whether a client that asks so may get this model."""
    aliases = model.spec.get("aliases")
    names = [model.key.name, *(aliases if isinstance(aliases, list) else ())]
    return any(
        name == asked or (name.endswith("*") and asked.startswith(name[:-1]))
        for name in names
        if isinstance(name, str)
    )
