"""Gauges of how providers do. Their labels are the providers that there are, never what clients make up."""

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from reconciler.management.provider_labels import PROVIDER_LABELS, provider_labels
from reconciler.management.status import Status

_STATES: Final = {"closed": 0, "slow-start": 0, "half-open": 1, "rate-limited": 2, "open": 2}


def health_gauges(status: Status) -> Iterator[Metric]:
    """Of each provider that a live worker built, the worst of its circuits; of each that is probed, what was found."""
    built = (provider for worker in status.live for provider in worker.builds)
    worst = dict.fromkeys(sorted(built), 0)
    for circuit in status.circuits:
        worst[circuit.provider] = max(worst.get(circuit.provider, 0), _STATES[circuit.state])
    circuits = GaugeMetricFamily(
        "routerctl_provider_circuit_state",
        "0: every live worker asks the provider; 1: one finds out whether it is well again; 2: one leaves it, or a model "
        "of it, alone, because it fails or has reached a rate limit.",
        labels=PROVIDER_LABELS,
    )
    for provider, state in worst.items():
        circuits.add_metric(provider_labels(provider), state)
    yield circuits
    healthy = GaugeMetricFamily(
        "routerctl_provider_healthy",
        "Of each provider that is probed, 1 where its probe is good, 0 where it is not.",
        labels=PROVIDER_LABELS,
    )
    for probe in status.health.probes.values():
        healthy.add_metric(provider_labels(probe.provider), probe.healthy)
    yield healthy
