import json

import pytest
from fakes.command import Routerctl, manifest
from fakes.managed import Managed

from reconciler.bootstrap import model_sync as module
from reconciler.bootstrap.upstreams.listing import Listing, list_models
from reconciler.provider_types.discovery import Listed, Offered

UP = {"type": "openai-compatible", "config": {"baseURL": "http://127.0.0.1:9/v1"}}


@pytest.fixture
def offers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The models of every upstream; without one it can't be reached."""
    names = ["x/one", "two"]

    async def listed(*arguments: object, details: bool) -> Listing:
        real: Listing = await asked(*arguments, details=details)  # type: ignore[arg-type]  # what it is given
        return Listing(real.reply, Listed(tuple(map(Offered, names)))) if names else real

    asked = list_models
    monkeypatch.setattr(module, "list_models", listed)
    return names


def test_manifests_are_printed_and_what_was_found_is_told_beside(
    routerctl: Routerctl, offers: list[str]
) -> None:
    routerctl.apply(manifest("Provider", "up", UP))  # type: ignore[arg-type]  # JSON
    done = routerctl("model", "sync")
    assert done.code == 0
    assert "upstreamModel: x/one" in done.out
    assert "up: offers 2 models; 0 served already, 2 Models and 2 Bindings new" in done.err
    routerctl.write("found.yaml", done.out)
    assert routerctl("validate", "-f", routerctl.manifests).code == 0
    shown = json.loads(routerctl.ok("model", "sync", "up", "--match", "t*", "-o", "json"))
    assert [each["metadata"]["name"] for each in shown["items"][0]["resources"]] == ["two", "two-up"]


def test_it_is_applied_and_pruned_by_its_own_manager(routerctl: Routerctl, offers: list[str]) -> None:
    routerctl.apply(manifest("Provider", "up", UP))  # type: ignore[arg-type]  # JSON
    out = routerctl.ok("model", "sync", "up", "--prefix", "gpu/", "--apply")
    assert "model/gpu-x-one created" in out
    again = routerctl("model", "sync", "--prefix", "gpu/", "--apply")
    assert (again.code, again.out) == (0, "")
    offers.remove("two")
    assert "--prune removes it" in routerctl("model", "sync").err
    assert "binding/gpu-two-up pruned" in routerctl.ok("model", "sync", "--prune", "--apply")
    assert routerctl("get", "binding", "gpu-two-up").code == 3


def test_it_is_written_into_manifests(routerctl: Routerctl, offers: list[str]) -> None:
    routerctl.apply(manifest("Provider", "up", UP))  # type: ignore[arg-type]  # JSON
    routerctl.ok("model", "sync", "--save", routerctl.manifests)
    assert routerctl("apply", "-f", routerctl.manifests).code == 0
    assert "served already, 0 Models" in routerctl("model", "sync").err


def test_one_that_can_not_be_asked_ends_with_6(routerctl: Routerctl) -> None:
    routerctl.apply(manifest("Provider", "up", UP))  # type: ignore[arg-type]  # JSON
    done = routerctl("model", "sync", "up")
    assert (done.code, "connection refused" in done.err) == (6, True)
    assert routerctl("model", "sync", "none").code == 3
    assert routerctl("model", "sync", "--prune").code == 2


def test_the_server_asks_where_there_is_one(managed: Managed, offers: list[str]) -> None:
    egress = {"egress": {"allow": [{"network": "127.0.0.1"}]}}
    managed.routerctl.apply(manifest("Provider", "up", UP), manifest("Settings", "default", egress))  # type: ignore[arg-type]  # JSON
    offers.append("three")
    managed.here("model", "sync", "up", "--match", "two", "--apply")
    done = managed.there("model", "sync", "up", "--match", "three", "--apply")
    assert done.code == 0, done.err
    assert managed.here("get", "model", "three").code == 0
    assert managed.there("model", "sync", "--allow-env", "X").code == 2
