from pathlib import Path

from fakes.asked_providers import Here, resource, upstream
from fakes.store import provider

from reconciler.bootstrap.upstreams.building import site
from reconciler.resources.resource import ResourceKey


def key(name: str) -> ResourceKey:
    return ResourceKey("Provider", "default", name)


def test_one_is_built_as_a_worker_would_also_where_it_is_disabled(tmp_path: Path) -> None:
    settings = resource("Settings", "default", egress={"deny": [{"network": "10.0.0.1"}]})
    resources = (upstream("up", "http://10.0.0.1/v1"), provider("off", config={}, enabled=False), settings)
    with Here(tmp_path, *resources) as around:
        here = site(around)
        assert here.build(here.state[key("off")]).upstream is not None
        refused = here.build(here.state[key("up")])
    assert refused.upstream is None
    assert refused.refusal is not None
    assert "Settings.egress.deny" in refused.refusal.reason
