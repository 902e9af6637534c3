from fakes.command import Routerctl, manifest

LIMITED = manifest("Provider", "u", {"type": "simulator", "limits": {"maxConcurrent": 4}})


def test_describe_shows_the_limits_of_a_provider_before_its_workers(routerctl: Routerctl) -> None:
    routerctl.apply(LIMITED, manifest("Model", "m", {}))
    told = routerctl.ok("describe", "provider", "u")
    at = told.index("Limits, over all workers:\n  maxConcurrent: 4, 0 in use, 0 held ready; never exceeded\n")
    assert at < told.index("Workers:")
    assert "Limits" not in routerctl.ok("describe", "model", "m")
