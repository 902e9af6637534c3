from fakes.command import Routerctl, manifest, served
from fakes.workers import live_health, live_worker

from reconciler.store.health import CircuitRow, ProbeRow

SECRET = manifest("Secret", "keys", {"data": {"K": {"value": "sk-canary"}}})
UPSTREAM = manifest(
    "Provider",
    "u",
    {
        "type": "lm-studio",
        "config": {"baseURL": "http://a", "apiKey": {"valueFrom": {"secret": {"name": "keys", "key": "K"}}}},
    },
    labels={"team": "x"},
    annotations={"note": "two\nlines"},
)


def test_all_about_a_provider(routerctl: Routerctl) -> None:
    routerctl.apply(SECRET, UPSTREAM, served("m"))
    facts = routerctl.ok("describe", "provider", "u").splitlines()
    assert facts[:6] == [
        "Name:         u",
        "Namespace:    default",
        "Kind:         Provider",
        "Labels:       team=x",
        "Annotations:  note",
        facts[5],
    ]
    assert facts[5].startswith("Created:      20")
    assert "File:         a.yaml" in facts
    assert "Refers to:    Secret/keys" in facts
    assert "Used by:      -" in facts
    conditions = [line.split()[:2] for line in facts[facts.index("Conditions:") + 1 :] if line[:3].strip()]
    assert conditions == [["Accepted:", "True"], ["ResolvedRefs:", "Unknown"], ["Programmed:", "Unknown"],
                          ["Ready:", "Unknown"], ["Healthy:", "Unknown"], ["Workers:", "0"]]  # fmt: skip
    assert "    baseURL: http://a" in facts


def test_who_refers_to_it(routerctl: Routerctl) -> None:
    routerctl.apply(SECRET, UPSTREAM, served("m"))
    assert "Used by:      Provider/u" in routerctl.ok("describe", "secret/keys")
    assert "Used by:      Binding/m" in routerctl.ok("describe", "model", "m")
    assert "sk-canary" not in routerctl.ok("describe", "all")


def test_several_resources_are_told_apart(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"), served("n"))
    assert routerctl.ok("describe", "models").count("\n\nName: ") == 1


def test_who_serves_it(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"), served("n"))
    live_worker(
        routerctl.db, revision=1, refused=(("Provider/m", "no key\n  set it"),), builds={"Provider/n": 1}
    )
    refused = routerctl.ok("describe", "provider", "m")
    assert "\n    no key\n    set it\n  Healthy: Unknown (NotBuilt)\n" in refused
    assert "\nWorkers:      1\n  w1 (pid 7) serves revision 1\n" in refused
    assert "  Ready: False (Refused, since 2" in refused
    built = routerctl.ok("describe", "provider", "n")
    assert "  Ready: True (Built, since 2" in built
    assert "Z)\n    built by 1 of 1 live workers\n  Healthy: True (NoFailure, since 2" in built
    assert "\nWorkers:      1\n  w1 (pid 7) serves revision 1, built at 1\n" in built


def test_how_it_does(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    live_worker(routerctl.db, revision=1)
    assert "Health:" not in routerctl.ok("describe", "provider", "m")
    circuits = (
        CircuitRow("w1", "Provider/m", "", "closed", 0.0, "could not be reached"),
        CircuitRow("w1", "Provider/m", "x", "open", 0.0, "status 503", 5.0),
    )
    live_health(routerctl.db, *circuits, probe=ProbeRow("Provider/m", False, 0.0, 1.0, "status 500"))
    told = routerctl.ok("describe", "provider", "m")
    assert (
        "\nHealth:\n"
        "  probe: unhealthy since 1970-01-01T00:00:00Z; last failure: status 500; last 1970-01-01T00:00:01Z\n"
        "  circuit in w1: closed since 1970-01-01T00:00:00Z; last failure: could not be reached\n"
        "  circuit in w1, model x: open since 1970-01-01T00:00:00Z; last failure: status 503; "
        "next try 1970-01-01T00:00:05Z\nWorkers:      1\n"
    ) in told
    live_health(routerctl.db, probe=ProbeRow("Provider/m", True, 0.0, 1.0))
    assert "\n  probe: healthy since 1970-01-01T00:00:00Z; last 1970-01-01T00:00:01Z\n" in routerctl.ok(
        "describe", "provider", "m"
    )


def test_what_a_rollback_holds(routerctl: Routerctl) -> None:
    routerctl.apply(served("m", priority=1))
    routerctl.apply(served("m", priority=2))
    routerctl.ok("rollback", "1", "-m", "back")
    facts = routerctl.ok("describe", "provider", "m")
    assert f"Held:         by the rollback that made revision 3, against {routerctl.manifests}\n" in facts
    assert ": back\n" in facts


def test_what_is_not_there(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    done = routerctl("describe", "model", "m", "zzz")
    assert (done.code, done.out.splitlines()[0]) == (3, "Name:         m")
