"""In which order a Route's targets are tried, and what this worker remembers for that. Pure: every event brings its `now`.

    weighted        smooth weighted round-robin: exact over each round, and spread within it
    sticky          rendezvous hashing: who comes or goes moves just its own share
    least-busy      requests under way here, for the weight; of equals, who had to wait longest
    lowest-latency  the average time to the first bytes, which fades, times the requests under way

What is remembered hangs on names, so it survives a reload. Who is left alone because it fails comes last.
"""

import math
from collections import Counter
from collections.abc import Sequence

from reconciler.gateway.routing.circuits import Breakers
from reconciler.gateway.routing.facts import Facts
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.model import RoutedCandidate, Rule, Snapshot, Target
from reconciler.snapshot.routes import seed_of

FADES = 30.0
"""Seconds after which an average counts half: who was slow once is tried again."""

_MEMORY = 10.0
"""Seconds over which answers are averaged."""

MAX_PLACES = 4096
"""So many averages are kept; with a wildcard, clients make up the names."""

_LIVELY = frozenset({"weighted", "least-busy", "lowest-latency", "sticky"})
_MEASURING = frozenset({"least-busy", "lowest-latency"})
_MASK = 2**64 - 1

_Place = tuple[ResourceKey, str, bool]
"""Provider, model there, whether it was a stream: its first bytes come sooner."""


class Balance:
    """One a worker."""

    __slots__ = (
        "_breakers",
        "_credits",
        "_latencies",
        "_turn",
        "_turns",
        "_under_way",
        "_weights",
        "measures",
    )

    def __init__(self, breakers: Breakers) -> None:
        self._breakers = breakers
        self._credits: dict[str, dict[str, int]] = {}
        self._weights: dict[str, list[tuple[str, int]]] = {}
        """Of the targets whose credits those are."""
        self._under_way: Counter[ResourceKey] = Counter()
        self._latencies: dict[_Place, tuple[float, float]] = {}
        self._turns: dict[tuple[str, str], int] = {}
        self._turn = 0
        self.measures = False
        """Whether a Route wants to know what became of requests: then each is told of, whoever it was for."""

    # --- what became of those that were tried -----------------------------------------------------------------

    def began(self, routed: RoutedCandidate) -> None:
        self._under_way[_provider(routed)] += 1

    def ended(self, routed: RoutedCandidate) -> None:
        provider = _provider(routed)
        self._under_way[provider] -= 1
        if self._under_way[provider] <= 0:
            del self._under_way[provider]

    def answered(self, routed: RoutedCandidate, seconds: float, now: float, *, stream: bool) -> None:
        """Its first bytes came after so long."""
        place = (_provider(routed), routed.upstream_model, stream)
        known = self._latencies.get(place)
        if known is not None:
            kept = math.exp((known[1] - now) / _MEMORY)
            seconds = known[0] * kept + seconds * (1 - kept)
        elif len(self._latencies) >= MAX_PLACES:
            del self._latencies[next(iter(self._latencies))]
        self._latencies[place] = (seconds, now)

    def under_way(self, provider: ResourceKey) -> int:
        """Requests at it, whoever sent them there."""
        return self._under_way[provider]

    def keep(self, snapshot: Snapshot) -> None:
        """Forgets Routes and providers that are gone, and who is to have its turn where weights are others: what was earned by
        the old ones may be more than the new ones make good for long.
        """
        rules = [
            rule
            for space in snapshot.namespaces.values()
            if space.routes is not None
            for rule in space.routes.listed
        ]
        keys, providers = {rule.key for rule in rules}, snapshot.upstreams.keys()
        weights = {
            rule.key: [(each.label, each.weight) for tier in rule.tiers for each in tier] for rule in rules
        }
        self.measures = any(rule.strategy in _MEASURING for rule in rules)
        self._credits = {
            key: held
            for key, held in self._credits.items()
            if key in weights and self._weights.get(key, weights[key]) == weights[key]
        }
        self._weights = weights
        self._turns = {key: turn for key, turn in self._turns.items() if key[0] in keys}
        self._latencies = {place: held for place, held in self._latencies.items() if place[0] in providers}

    # --- the order --------------------------------------------------------------------------------------------

    @property
    def is_calm(self) -> bool:
        """Nobody is left alone, or asked less than others."""
        return not self._breakers.troubled

    def settled(self, rule: Rule) -> tuple[RoutedCandidate, ...]:
        """The order that all requests get now; empty where it depends."""
        return () if rule.strategy in _LIVELY or self._breakers.troubled else rule.order

    def order(
        self, rule: Rule, tiers: Sequence[Sequence[Target]], facts: Facts, now: float
    ) -> Sequence[Target]:
        """Every target has a candidate. Only the first tier that anybody is awake in has its turn."""
        found: list[Target] = []
        turning = True
        troubled = self._breakers.troubled
        for tier in tiers:
            awake, asleep = [*tier], []
            if troubled:
                asleep = [each for each in tier if self._is_asleep(each.candidates[0], now)]
                awake = [each for each in tier if each not in asleep] if asleep else awake
            if len(awake) > 1:
                awake = self._ranked(rule, awake, facts, now, turning=turning)
            turning = turning and not awake
            found += awake
            found += asleep
        return found

    def _ranked(
        self, rule: Rule, targets: list[Target], facts: Facts, now: float, *, turning: bool
    ) -> list[Target]:
        if rule.strategy == "weighted":
            return self._weighted(rule.key, targets, turning=turning)
        if rule.strategy == "sticky":
            value = _stuck_to(rule, facts)
            return hashed(value, targets) if value else self._weighted(rule.key, targets, turning=turning)
        if rule.strategy == "least-busy":
            return self._least_busy(rule.key, targets, turning=turning)
        if rule.strategy == "lowest-latency":
            return sorted(targets, key=lambda each: self._cost(each.candidates[0], now, stream=facts.stream))
        return targets

    def _weighted(self, key: str, targets: list[Target], *, turning: bool) -> list[Target]:
        credits_ = self._credits.setdefault(key, {})
        total = 0
        for each in targets:
            total += each.weight
            credits_[each.label] = credits_.get(each.label, 0) + (each.weight if turning else 0)
        if not total:
            return targets
        ranked = sorted(targets, key=lambda each: (each.weight > 0, credits_[each.label]), reverse=True)
        if turning:
            credits_[ranked[0].label] -= total
        return ranked

    def _least_busy(self, key: str, targets: list[Target], *, turning: bool) -> list[Target]:
        def place(target: Target) -> tuple[float, int]:
            busy = self._under_way[_provider(target.candidates[0])] + 1
            load = busy / target.weight if target.weight else math.inf
            return load, self._turns.get((key, target.label), 0)

        ranked = sorted(targets, key=place)
        if turning:
            self._turn += 1
            self._turns[key, ranked[0].label] = self._turn
        return ranked

    def _cost(self, routed: RoutedCandidate, now: float, *, stream: bool) -> tuple[float, int]:
        """Who never answered is tried, by one request at a time."""
        provider = _provider(routed)
        busy = self._under_way[provider]
        known = self._latencies.get((provider, routed.upstream_model, stream))
        if known is None:
            return (0.0 if not busy else math.inf), busy
        return known[0] * 0.5 ** ((now - known[1]) / FADES) * (busy + 1), busy

    def _is_asleep(self, routed: RoutedCandidate, now: float) -> bool:
        circuits = self._breakers.troubled.get(routed.candidate.upstream)
        if circuits is None:
            return False
        return circuits.unhealthy or (
            circuits.wait(routed.upstream_model, now, routed.candidate.health) is not None
        )


class Measured:
    """A request at one target, while a Route wants to know what becomes of it."""

    __slots__ = ("_balance", "_began", "_routed", "_stream")

    def __init__(self, balance: Balance, routed: RoutedCandidate, now: float, *, stream: bool) -> None:
        self._balance = balance
        self._routed = routed
        self._began = now
        self._stream = stream
        balance.began(routed)

    def answered(self, now: float) -> None:
        self._balance.answered(self._routed, now - self._began, now, stream=self._stream)

    def over(self) -> None:
        """However it ended; to be told once."""
        self._balance.ended(self._routed)


def _stuck_to(rule: Rule, facts: Facts) -> str:
    if rule.by_client:
        return "" if facts.client is None else str(facts.client.key)
    return facts.header(rule.sticky)


def hashed(value: str, targets: list[Target]) -> list[Target]:
    """The order of the targets for this value: each has its share of the values by weight, whoever the others are."""
    key = seed_of(value)

    def score(target: Target) -> float:
        drawn = (_spread(key ^ target.seed) + 1) / (2**64 + 1)
        return target.weight / -math.log(drawn) if target.weight else 0.0

    return sorted(targets, key=score, reverse=True)


def _spread(number: int) -> int:
    """Every bit of it on every bit (the finalizer of SplitMix64)."""
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    number = (number ^ number >> 27) * 0x94D049BB133111EB & _MASK
    return number ^ number >> 31


def _provider(routed: RoutedCandidate) -> ResourceKey:
    return routed.candidate.upstream.key
