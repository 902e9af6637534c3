"""How a provider does, for people: what its probe found, its circuits, and who serves it."""

from collections.abc import Iterator

from reconciler.cli.output import fact
from reconciler.control.healthy import circuit_text, moment
from reconciler.control.observed import Observed
from reconciler.resources.resource import ResourceKey


def provider_lines(key: ResourceKey, observed: Observed, width: int) -> Iterator[str]:
    """Nothing of any other kind. `width` is that of the facts' names."""
    if key.kind == "Provider":
        yield from _health(key, observed)
        yield from _serving(key, observed, width)


def _health(key: ResourceKey, observed: Observed) -> Iterator[str]:
    probe, circuits = observed.probe(key), observed.circuits(key)
    if probe is None and not circuits:
        return
    yield "Health:"
    if probe is not None:
        state = "healthy" if probe.healthy else "unhealthy"
        fault = f"; last failure: {probe.fault}" if probe.fault else ""
        yield f"  probe: {state} since {moment(probe.since)}{fault}; last {moment(probe.probed)}"
    for circuit in circuits:
        model = f", model {circuit.model}" if circuit.model else ""
        yield f"  circuit in {circuit.instance}{model}: {circuit_text(circuit)}"


def _serving(key: ResourceKey, observed: Observed, width: int) -> Iterator[str]:
    yield fact("Workers", len(observed.workers), width)
    for worker in observed.workers:
        built = worker.builds.get(str(key))
        yield (
            f"  {worker.instance} (pid {worker.pid}) {worker.does}"
            + (f", built at {built}" if built is not None else "")
        )
