from fakes.command import Routerctl, served


def test_what_a_rollback_holds_is_let_go(routerctl: Routerctl) -> None:
    routerctl.apply(served("m", priority=1))
    routerctl.apply(served("m", priority=2))
    routerctl.ok("rollback", "1")
    assert routerctl.ok("resume", str(routerctl.manifests)).splitlines() == [
        "resumed   Provider/m",
        f"It takes effect with the source's next resync, or with: routerctl --db {routerctl.db} apply -f PATH",
    ]
    assert "Held" not in routerctl.ok("describe", "provider", "m")


def test_a_source_against_which_nothing_is_held(routerctl: Routerctl) -> None:
    routerctl.apply(served("m", priority=1))
    done = routerctl("resume", "elsewhere")
    assert (done.code, done.err) == (
        3, "error: nothing is held against elsewhere\n  no rollback holds anything\n"
    )  # fmt: skip
    routerctl.apply(served("m", priority=2))
    routerctl.ok("rollback", "1")
    done = routerctl("resume", "elsewhere")
    assert (done.code, done.err.splitlines()[1]) == (
        3, f"  something is held against: {routerctl.manifests}"
    )  # fmt: skip


def test_for_programs(routerctl: Routerctl) -> None:
    routerctl.apply(served("m", priority=1))
    routerctl.apply(served("m", priority=2))
    routerctl.ok("rollback", "1")
    done = routerctl("resume", str(routerctl.manifests), "-o", "json").json()
    assert done == {"source": str(routerctl.manifests), "resumed": ["Provider/m"]}
