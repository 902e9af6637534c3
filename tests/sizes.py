"""How large the tests of faults are: as small as the suite can wait for them, or as `make torture` runs them.

ROUTERCTL_TEST_TORTURE=1 chooses the long form of all; ROUTERCTL_TEST_<NAME> sets one; ROUTERCTL_TEST_SEED the course of
those that draw.
"""

import os
from collections.abc import Mapping
from typing import NamedTuple


class Size(NamedTuple):
    short: int
    long: int
    what: str


SIZES: Mapping[str, Size] = {
    "KILLS": Size(150, 2_000, "kills at random times within a commit"),
    "KILLS_AT_PLACES": Size(8, 100, "kills at each of the eight named places of a commit"),
    "KILLED_COMMANDS": Size(10, 500, "kills at random times within the command apply"),
    "KILLED_MIGRATIONS": Size(4, 300, "kills at random times within a migration"),
    "FAILING_CALLS": Size(
        2, 10_000, "calls of each command at which the disk fails; at most all that it makes"
    ),
    "FULL_AT": Size(2, 300, "sizes that no file may exceed, for each command"),
    "POWER_CUTS": Size(40, 4_000, "power cuts between two writes"),
    "COMMITTERS": Size(4, 16, "processes that commit at once"),
    "COMMITS": Size(300, 4_000, "commits of all of them together"),
    "APPLIERS": Size(4, 16, "processes that apply at once"),
    "APPLIES": Size(48, 2_000, "applies of all of them together"),
    "STALE_PLANS": Size(30, 2_000, "kept plans, each applied after another apply"),
    "ROUND_TRIPS": Size(15, 10_000, "configurations that are applied, exported and applied"),
    "HISTORIES": Size(15, 1_000, "histories that end with nothing to do, or with a rollback"),
    "HISTORY": Size(100, 300, "revisions, to each of which is rolled back"),
    "EXAMPLES": Size(25, 400, "runs of the engine against a plain model"),
    "STEPS": Size(20, 50, "steps of each of these"),
    "CASES": Size(40, 400, "cases of each property that sets no number of its own"),
    "DESCRIBED": Size(
        3, 1_000, "requests to each operation of the OpenAPI documents, with a key and without"
    ),
    "CONNECTIONS": Size(60, 20_000, "connections with random requests in random pieces"),
    "STREAMS": Size(100, 50_000, "random streams, in random pieces"),
    "FAULTY_ANSWERS": Size(60, 5_000, "random faults of an upstream, at random bytes"),
    "KILLED_WORKERS": Size(1, 10, "workers that are killed under load"),
    "SERVED": Size(5, 333, "providers, models and bindings each, that a new worker reads"),
    "REVISIONS": Size(100, 600, "revisions under load"),
    "DEADLINES": Size(2, 50, "answers of upstreams that are late, in each of five ways"),
    "LEAVING_CLIENTS": Size(40, 5_000, "clients that leave at random bytes"),
    "RESOURCES": Size(1_000, 10_000, "providers, of which one is changed"),
}


def size(name: str) -> int:
    chosen = SIZES[name]
    return int(os.environ.get(f"ROUTERCTL_TEST_{name}", chosen.long if is_long() else chosen.short))


def is_long() -> bool:
    return os.environ.get("ROUTERCTL_TEST_TORTURE", "") not in ("", "0")


def told() -> list[str]:
    """What runs, and how to run it again."""
    lines = [f"  {size(name):>6,} {chosen.what} ({name})" for name, chosen in SIZES.items()]
    again = f"again with: make torture SEED={_seed()}"
    return ["the tests of faults, in their long form, at most:", *lines, again]


def _seed() -> str:
    return os.environ.get("ROUTERCTL_TEST_SEED", "suite")


def seed(what: str) -> str:
    """For a random course of its own."""
    return f"{_seed()} {what}"
