"""The gateway beside others that are written for the same work: LiteLLM's proxy, and Portkey's gateway.

`make bench-peers` installs both into environments of their own under build/peers; what can't be installed is left out,
and said. Each runs alone on its core as it comes, with one worker: they do other things for a request than ours does, so
this compares what people get, not how well it was written.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks import document, interpreter, machine
from benchmarks.data_plane import against, mode_table, rate
from benchmarks.figures import Goal, goals_table, times
from benchmarks.peer_gateways import LITELLM, PEERS, PORTKEY, Peer
from benchmarks.processes import ROOT, Failed
from benchmarks.stand import GATEWAY, Far, Run, Scale, Stand, Target, closed_loop, cores, only

FOLDER = ROOT / "build" / "peers"
GOALS = {LITELLM: 200.0, PORTKEY: 25.0}
PLAIN = "plain, 32 connections"
MODES = {
    PLAIN: ["--connections", "32"],
    "plain, 1 connection": ["--connections", "1"],
    "streams, 32 at a time": ["--connections", "32", "--stream"],
}
FULL = Scale(rounds=3, seconds=4.0, warm_up=1.0)
QUICK = Scale(rounds=1, seconds=2.0, warm_up=0.5)

Runs = dict[str, dict[str, list[Run]]]
Installed = tuple[Peer, Path, str]
"""Which, where, and its version."""


def installed(peers: Sequence[Peer], folder: Path, say: Callable[[str], None]) -> list[Installed]:
    """Those that are there in the end."""
    found = []
    for peer in peers:
        place = folder / peer.name.lower()
        say(f"installing {peer.name} into {place}, if it is not there")
        try:
            found.append((peer, place, peer.install(place)))
        except Failed as failure:
            say(f"{peer.name} can't be installed, and is left out: {failure}")
    return found


def measure(
    peers: Sequence[Installed], scale: Scale, folder: Path, say: Callable[[str], None]
) -> tuple[Runs, list[str]]:
    """The runs, and what went wrong with others, which is no failure of ours."""
    runs: Runs = {}
    notes: dict[str, None] = {}
    proxy_core, ends_core = cores()
    with Stand(folder, say) as stand, ExitStack() as stack:
        far = stand.upstream(ends_core)
        targets = [(target, list[str]()) for target in stand.proxies(far, proxy_core)]
        for peer, place, _ in peers:
            say(f"starting {peer.name}")
            try:
                target = stack.enter_context(peer.serve(place, far, proxy_core, folder))
            except Failed:
                notes[f"{peer.name} did not start."] = None
                continue
            targets.append((target, ["--loose", *peer.flags(far)]))
        for number in range(scale.rounds):
            say(f"load, round {number + 1} of {scale.rounds}")
            for mode, flags in MODES.items():
                for target, more in targets:
                    only(target, [each for each, _ in targets])
                    run = _one(target, [*flags, *more], scale, far)
                    if run is None:
                        notes[f"{target.name} did not answer all of: {mode}."] = None
                    else:
                        runs.setdefault(mode, {}).setdefault(target.name, []).append(run)
    whole = {
        mode: {name: mine for name, mine in targets.items() if len(mine) == scale.rounds}
        for mode, targets in runs.items()
    }
    return whole, list(notes)


def _one(target: Target, flags: list[str], scale: Scale, far: Far) -> Run | None:
    """None where another's answers were not all of status 200. Raises Failed where ours were wrong."""
    try:
        return closed_loop(target, flags, scale, far, cores()[1])
    except Failed:
        if target.name not in GOALS:
            raise
        return None


def report(runs: Runs, peers: Sequence[Installed], notes: Sequence[str]) -> str:
    versions = (
        ", ".join(f"{peer.name} {version}" for peer, _, version in peers) or "no other gateway was installed"
    )
    parts = [f"{versions}. One worker each, on the same core, before the same upstream."]
    parts += [f"- {note}" for note in notes]
    parts += [mode_table(mode, targets) for mode, targets in runs.items()]
    for name in GOALS:
        shared = {mode: targets for mode, targets in runs.items() if name in targets}
        if shared:
            parts.append(against(shared, name))
    goals = [
        Goal(
            f"plain, 32 connections: rate of {name}'s", rate(plain[GATEWAY], plain[name]), times, least=least
        )
        for name, least in GOALS.items()
        if name in (plain := runs[PLAIN])
    ]
    return "\n\n".join([*parts, goals_table(goals)] if goals else parts)


def main(arguments: Sequence[str]) -> int:
    """0, also where others can't be had; 1 where ours failed; 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="benchmarks/peers.py", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--write", metavar="FILE", type=Path, help="put the figures into a document, too")
    parser.add_argument(interpreter.OPTION, metavar="PATH", help="the Python to run on")
    told = parser.parse_args(arguments)
    if told.write is not None and (wrong := document.missing(told.write, [document.PEERS])):
        print(wrong, file=sys.stderr)
        return 2
    machine.raise_descriptors()
    load = machine.load()
    peers = installed(PEERS, FOLDER, machine.say)
    with tempfile.TemporaryDirectory(prefix="routerctl-peers-") as name:
        try:
            runs, notes = measure(peers, QUICK if told.quick else FULL, Path(name), machine.say)
        except Failed as failure:
            print(f"error: {failure}", file=sys.stderr)
            return 1
    text = report(runs, peers, notes)
    about = [*machine.description(), f"load average {load} at the start, {machine.load()} at the end"]
    print(f"{text}\n")
    print("\n".join(about))
    if told.write is not None:
        document.PEERS.write(told.write, document.taken(machine.today(), about, [text]))
    return 0


if __name__ == "__main__":
    interpreter.use_the_best(sys.argv, machine.say)
    sys.exit(main(sys.argv[1:]))
