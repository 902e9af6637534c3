from fakes.command import Routerctl, manifest
from fakes.workers import live_worker

from reconciler.json_types import JsonObject

LIMITED = manifest("Provider", "u", {"type": "simulator", "limits": {"maxConcurrent": 4}})


def test_describe_shows_the_limits_of_a_provider_before_its_workers(routerctl: Routerctl) -> None:
    routerctl.apply(LIMITED, manifest("Model", "m", {}))
    told = routerctl.ok("describe", "provider", "u")
    at = told.index("Limits, over all workers:\n  maxConcurrent: 4, 0 in use, 0 held ready; never exceeded\n")
    assert at < told.index("Workers:")
    assert "Limits" not in routerctl.ok("describe", "model", "m")


def test_who_waits_is_counted_in_the_queues_of_the_live_workers_as_metrics_do(routerctl: Routerctl) -> None:
    limits: JsonObject = {"maxConcurrent": 4, "queue": {"size": 9}}
    routerctl.apply(manifest("Provider", "u", {"type": "simulator", "limits": limits}))
    for instance, waits in (("w1", 2), ("w2", 3)):
        live_worker(
            routerctl.db,
            revision=1,
            instance=instance,
            counters={"limits": {"Provider/u": {"waiting": waits}}},
        )
    told = routerctl.ok("describe", "provider", "u")
    assert "  queue: 9 requests in each worker, for 10 s at most; 5 waiting\n" in told


def test_describe_shows_what_a_client_used_of_its_limits(routerctl: Routerctl) -> None:
    routerctl.apply(manifest("ClientKey", "ci", {"limits": {"requestsPerHour": 4}}))
    told = routerctl.ok("describe", "clientkey", "ci")
    assert "  requestsPerHour: 4, 0 used within the last hour, 4 left; nothing is to come back\n" in told
    assert "USED" in routerctl.ok("get", "clientkeys", "-o", "wide")
    assert "requestsPerHour 0/4" in routerctl.ok("get", "clientkeys", "-o", "wide")
