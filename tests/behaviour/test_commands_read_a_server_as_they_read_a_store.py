"""What reads tells the same with --server as with --db: words, data, exit code; and who may not see something is told so."""

import re
from pathlib import Path

import pytest
from fakes.command import manifest, served
from fakes.managed import Managed
from fakes.traffic import row, write
from fakes.workers import live_health, live_worker

from reconciler.store.counters import Counters
from reconciler.store.health import CircuitRow, ProbeRow

CLIENT = manifest(
    "ClientKey",
    "search",
    {
        "keys": [{"id": "abcdefABCDEF", "hash": "sha256:" + "0" * 64}],
        "limits": {"requestsPerMinute": 5, "maxConcurrent": 2},
        "budgets": [{"window": "month", "amount": "25.00"}],
    },
)
SECRET = manifest("Secret", "s", {"data": {"KEY": {"value": "canary-5d1f"}}})
READING = (
    "get all",
    "get providers -o yaml",
    "get clientkeys -o wide",
    "get provider nope",
    "get providers -n other -o name",
    "describe provider p",
    "describe clientkey search",
    "blame provider/p -o wide",
    "events -o json",
    "events provider/p",
    "history --all -o wide",
    "history provider/p --limit 1",
    "history verify",
    "history verify --head sha256:0 -o json",
    "show 2",
    "show 9",
    "diff --from 1 --to 2 -o json",
    "export",
    "status -o json",
    "wait provider/p --for=jsonpath={.spec.enabled}=true",
    "wait provider/p --for=condition=Ready --timeout 0",
    "requests",
    "requests r1 -o json",
    "stats -o json --since 2020-01-01",
    "audit -o json",
    "key list -o json",
    "secret list -o json",
    "route explain --model p",
    "route explain --model p --client search",
)
AGE = re.compile(r"\b\d+(\.\d+)?( ?s|m\d*s?)( ago)?\b *")


@pytest.fixture
def store(managed: Managed) -> Managed:
    """Two revisions, a live worker that refuses something, and a request."""
    routerctl = managed.routerctl
    routerctl.apply(served("p"), manifest("Model", "gone"), SECRET)
    routerctl.write("more.yaml", CLIENT, served("q", description="x"))
    routerctl.apply(served("p", displayName="P"), SECRET)
    limits: Counters = {"Provider/p": {"maxConcurrent": {"limit": 2}, "waiting": 1}}
    live_worker(
        routerctl.db,
        revision=2,
        refused=(("Provider/q", "no key"),),
        builds={"Provider/p": 1},
        counters={"limits": limits, "in_flight": 1},
    )
    opened = CircuitRow("w1", "Provider/p", "", "open", 1.0, "status 500", 4_000_000_000.0)
    live_health(
        routerctl.db, opened, probe=ProbeRow("Provider/q", healthy=False, since=1.0, probed=2.0, fault="no")
    )
    write(managed.location.traffic_path, row(id="r1"))
    managed.token()
    return managed


def test_a_command_tells_the_same_of_both(store: Managed) -> None:
    for line in READING:
        here, there = store.both(*line.split(" "))
        assert AGE.sub("", here.err) == AGE.sub("", there.err), line
        assert AGE.sub("", here.out) == AGE.sub("", there.out), line
        assert here.code == there.code, line
        assert "canary" not in there.out


def test_a_folder_is_brought_up_to_date_by_both(store: Managed, tmp_path: Path) -> None:
    for where, run in (("here", store.here), ("there", store.there)):
        assert run("export", "--dir", tmp_path / where).code == 0
    here, there = (
        {path.relative_to(tmp_path / where): path.read_text() for path in (tmp_path / where).rglob("*.yaml")}
        for where in ("here", "there")
    )
    assert here == there
    assert here


def test_what_works_on_this_machine_says_so(store: Managed, tmp_path: Path) -> None:
    for line in (
        "up -f x",
        "serve",
        "sync --git x",
        f"restore {tmp_path}",
    ):
        done = store.there(*line.split(" "))
        assert done.code == 2, line
        assert "works on a store of this machine" in done.err, line
    shown = store.there("export", "--show-secrets", "--yes")
    assert shown.code == 2
    assert "where the store is" in shown.err


def test_who_has_to_do_with_one_namespace_is_told_of_no_other(store: Managed) -> None:
    store.routerctl.write("team.yaml", manifest("Model", "secret-plan", namespace="team-a"))
    store.routerctl.ok("apply", "-f", store.routerctl.manifests)
    team = store.token("operator", namespaces=("team-a",))
    assert store.there("get", "all", "-A", "-o", "name", token=team).out == "model/secret-plan\n"
    shown = store.there("show", "1", token=team)
    assert shown.code == 0
    assert "Provider" not in shown.out
    assert "Actor" not in shown.out
    assert "Model/team-a/secret-plan" in store.there("show", token=team).out
    events = store.there("events", "--all", "-o", "json", token=team).json()["items"]
    assert {each["subject"] for each in events} == {"Model/team-a/secret-plan", "worker/w1"}
    status = store.there("status", "-o", "json", token=team)
    assert "Provider/" not in status.out
    assert store.there("requests", token=team).out == "No requests.\n"
    for line in (
        "get providers",
        "describe provider p",
        "blame provider/p",
        "history -n default",
        "audit",
        "history verify",
    ):
        refused = store.there(*line.split(" "), token=team)
        assert refused.code == 6, line
        assert "may not see" in refused.err, line


def test_a_role_may_be_too_low(store: Managed) -> None:
    viewer = store.token("viewer")
    assert store.there("get", "providers", token=viewer).code == 0
    refused = store.there("audit", token=viewer)
    assert refused.code == 6
    assert "this needs the role operator" in refused.err
    shown = store.there("requests", "r1", token=viewer)
    assert shown.code == 0
    assert shown.err.startswith("What was said is not told: ")


def test_a_server_may_be_away(store: Managed) -> None:
    url, token = store.url, store.token()
    refused = store.routerctl.plain("--server", url, "get", "providers")
    assert (refused.code, "ROUTERCTL_TOKEN" in refused.err) == (6, True)
    store.stop()
    gone = store.routerctl.plain("--server", url, "--token-file", token, "status")
    assert gone.code == 6
    assert gone.err.startswith(f"error: nothing answers at {url}\n")
