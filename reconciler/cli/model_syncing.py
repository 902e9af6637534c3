"""`model sync`: upstreams are asked for their models, from here or by the server, and what was found is told."""

from collections.abc import Iterator, Sequence

import click

from reconciler.bootstrap.model_sync import ALL_SECONDS, SECONDS, sync_models
from reconciler.cli.output import counted
from reconciler.cli.progress import Progress, progress
from reconciler.cli.session import Session
from reconciler.cli.surroundings import Given, surroundings_of
from reconciler.control.manifest.printable import printable
from reconciler.control.model_sync import Choice, Synced
from reconciler.control.model_sync_form import synced_of
from reconciler.errors import Unreachable
from reconciler.resources.resource import DEFAULT_NAMESPACE


def found_models(session: Session, names: Sequence[str], choice: Choice, reach: Given) -> tuple[Synced, ...]:
    """Raises NotFound for a Provider that is not there; what the others do is told in what it gives."""
    with progress("Asking providers for their models", pulsing=True) as shown:
        if session.is_remote:
            return _there(session, names, choice, reach)
        return _here(session, names, choice, reach, shown)


def _here(
    session: Session, names: Sequence[str], choice: Choice, reach: Given, shown: Progress
) -> tuple[Synced, ...]:
    with surroundings_of(session, reach) as around:
        namespace = session.namespace or DEFAULT_NAMESPACE
        return sync_models(around, namespace, names, choice, told=shown.count)


def _there(session: Session, names: Sequence[str], choice: Choice, reach: Given) -> tuple[Synced, ...]:
    if any(reach):
        raise click.UsageError(
            "--allow-... is the server's to say: what it may reach was given when it was started"
        )
    told = {
        "namespace": session.namespace,
        "providers": ",".join(names),
        "match": ",".join(choice.match),
        "prefix": choice.prefix,
    }
    query = {name: value for name, value in told.items() if value}
    answer = session.connection.post("/v1/models/sync", query=query, seconds=ALL_SECONDS + SECONDS).json()
    data = answer.get("data") if isinstance(answer, dict) else None
    try:
        return tuple(synced_of(each) for each in (data if isinstance(data, list) else [None]))
    except ValueError as error:
        raise Unreachable(f"the server's answer is none that this release knows: {error}") from error


def lines(found: Synced, *, prune: bool) -> Iterator[str]:
    """What came of one provider, for people."""
    name = printable(found.provider.name)
    if found.problem is not None:
        yield f"{name}: could not be asked: {printable(found.problem)}"
        return
    models = sum(each.key.kind == "Model" for each in found.resources)
    bindings = len(found.resources) - models
    more = " and more" if found.more else ""
    yield (
        f"{name}: offers {counted(found.offered, 'model')}{more}; {len(found.left)} served already, "
        f"{counted(models, 'Model')} and {counted(bindings, 'Binding')} new"
    )
    for clash in found.clashes:
        yield f"  left out: {printable(clash.model)}: {printable(clash.reason)}"
    if found.unusable:
        yield f"  left out: {counted(found.unusable, 'name')} that no Model can have"
    for gone in found.gone:
        told = f"  gone: {printable(gone.model)}, which {gone.binding} names"
        if not gone.prunable:
            yield f"{told}; others wrote it, so it is yours to remove"
        else:
            yield f"{told}{'' if prune else '; --prune removes it'}"
