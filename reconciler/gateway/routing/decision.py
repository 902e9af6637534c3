"""Where a request goes: the Routes are asked first, and what none of them matches goes by the model's own Bindings.

`decide` is the one function by which workers route and `route explain` tells. Where nobody asks for a trace, it collects
none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from reconciler.gateway.routing.balance import Balance
from reconciler.gateway.routing.facts import Facts
from reconciler.gateway.routing.matching import deciding, is_settled
from reconciler.gateway.routing.router import candidates_of, default_of, find_model, route, with_rest
from reconciler.gateway.routing.trace import Trace
from reconciler.protocol.errors import (
    OpenAIError,
    endpoint_not_served,
    model_incapable,
    model_not_found,
    model_not_permitted,
    no_candidate,
)
from reconciler.protocol.needs import CAPABILITIES
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.snapshot.clients import Client
from reconciler.snapshot.model import (
    AskedTarget,
    Namespace,
    Policy,
    Routed,
    RoutedCandidate,
    Rule,
    ServedModel,
    Target,
)
from reconciler.snapshot.routes import asked_target, once, own_tiers

MAX_SETTLED = 1024
"""Decisions that a namespace remembers: it may have as many clients, each with many Models."""

_Found = tuple[ServedModel, str | None]
"""The model that is meant, and what a wildcard stood for, where one of its bindings takes that."""


def decide(
    namespace: Namespace,
    asked: str | None,
    endpoint: Endpoint,
    facts: Facts,
    balance: Balance,
    now: float,
    trace: Trace | None = None,
) -> Routed | OpenAIError:
    """As `route`, where Routes have a say. Whom the client may not use is passed over, wherever a Route leads, and a model
    that it may not ask for is matched as a name that no model has.
    """
    client = facts.client
    if trace is None and balance.is_calm:
        known = namespace.settled.get((asked, endpoint, "" if client is None else client.name))
        if known is not None and known[0] is client:
            return known[1]
    meant = default_of(namespace, client) if asked is None else asked
    there = _find(namespace, meant)
    found = there if client is None or client.models is None else _seen(there, client, meant)
    model = found[0].name if found is not None else None
    routes = namespace.routes
    rule = deciding(routes, meant, model, facts, trace) if routes is not None else None
    if routes is None or rule is None or (found is None and not rule.tiers):
        routed = route(namespace, asked, endpoint, client)
        if trace is not None:
            _trace_plain(trace, there, endpoint, routed)
        elif routes is not None and isinstance(routed, Routed) and is_settled(routes, meant, model, rule):
            _settle(namespace, asked, endpoint, client, routed)
        return routed
    permission = None if client is None or client.models is None else _Permission(client, model, meant)
    policy = None if rule.policy is None else _policy(rule.policy, found, permission)
    if (
        trace is None
        and endpoint in rule.everywhere
        and (found is None or found[1] is None or model not in rule.models)
        and not (rule.choosy and facts.needs() & CAPABILITIES)
        and (permission is None or all(map(permission.covers, rule.models)))
    ):
        settled = balance.settled(rule)
        candidates = settled or once(balance.order(rule, rule.served, facts, now))
        routed = Routed(model or rule.served[0][0].model, candidates, policy=policy)
        if settled and not rule.choosy and is_settled(routes, meant, model, rule):
            _settle(namespace, asked, endpoint, client, routed)
        return routed
    chosen = _Chosen(rule, found, endpoint, facts, trace, routes.own_tiers, permission)
    able = [kept for tier in chosen.tiers() if (kept := [*chosen.able(tier)])]
    if not able:
        return chosen.nobody(meant or rule.name)
    ordered = balance.order(rule, able, facts, now)
    candidates = once(ordered)
    if trace is not None:
        trace.model, trace.route, trace.strategy = model or ordered[0].model, rule.name, rule.strategy
        trace.order, trace.by_client = candidates, rule.by_client
    return Routed(model or ordered[0].model, candidates, policy=policy)


def _settle(
    namespace: Namespace, asked: str | None, endpoint: Endpoint, client: Client | None, routed: Routed
) -> None:
    """Of names that are configured: others are made up by clients."""
    routes, settled = namespace.routes, namespace.settled
    named = routes is not None and asked in routes.named
    if named or asked is None or asked in namespace.models:
        if len(settled) >= MAX_SETTLED:
            settled.clear()
        settled[asked, endpoint, "" if client is None else client.name] = (client, routed)


def _policy(policy: Policy, found: _Found | None, permission: "_Permission | None") -> Policy:
    """Without a shadow that is not permitted. One of the model that was asked for has the name that this is asked by."""
    shadow = policy.shadow
    if shadow is None:
        return policy
    if permission is not None and not permission.covers(shadow.model):
        return replace(policy, shadow=None)
    if found is None or found[1] is None or found[0].name != shadow.model:
        return policy
    named = with_rest((each.candidate for each in shadow.candidates), found[1])
    return replace(policy, shadow=replace(shadow, candidates=named) if named else None)


class _Permission:
    """Of a client that may not use everything. `model` is what `asked` leads to, None where that is nothing to it."""

    __slots__ = ("_asked", "_client", "_model")

    def __init__(self, client: Client, model: str | None, asked: str | None) -> None:
        self._client = client
        self._model = model
        self._asked = asked

    def covers(self, model: str) -> bool:
        """Whether candidates of this Model may serve."""
        return self._client.may_use(model, self._asked if model == self._model else None)

    def sees(self) -> bool:
        """Whether what was asked for is a model to the client."""
        return self._model is not None

    def may_ask(self) -> bool:
        return self._asked is None or self._client.may_use(self._asked)


def _find(namespace: Namespace, asked: str | None) -> _Found | None:
    found = find_model(namespace, asked) if asked is not None else None
    if found is None:
        return None
    exact = asked in namespace.models or all(each.upstream_model is not None for each in found[0].candidates)
    return found[0], None if exact else found[1]


def _seen(found: _Found | None, client: Client, asked: str | None) -> _Found | None:
    """None where the client may not ask for it: to it, that does not exist."""
    return found if found is not None and client.may_use(found[0].name, asked) else None


class _Chosen:
    """The Route that decides, and which of its targets can serve the request."""

    __slots__ = (
        "_endpoint",
        "_facts",
        "_forbidden",
        "_found",
        "_lacking",
        "_own_tiers",
        "_permission",
        "_rule",
        "_trace",
        "_unserved",
    )

    def __init__(
        self,
        rule: Rule,
        found: _Found | None,
        endpoint: Endpoint,
        facts: Facts,
        trace: Trace | None,
        own: dict[str, tuple[tuple[Target, ...], ...]],
        permission: _Permission | None,
    ) -> None:
        self._own_tiers = own
        self._permission = permission
        self._forbidden = False
        self._rule = rule
        self._found = found
        self._endpoint = endpoint
        self._facts = facts
        self._trace = trace
        self._lacking: frozenset[str] = frozenset()
        self._unserved = False

    def tiers(self) -> Iterator[Sequence[Target]]:
        found = self._found
        if self._rule.tiers:
            for tier in self._rule.tiers:
                yield [target for each in tier if (target := self._made(each)) is not None]
        elif found is not None:
            model, rest = found
            for left in model.left_out if self._trace is not None else ():
                self._skip(left.binding or left.provider, left.reason)
            named = candidates_of(model, rest)
            if self._rule.strategy == "priority":
                yield from ((Target(model.name, 1, 0, model.name, (each,)),) for each in named)
            else:
                yield from self._own(model, named) if rest is None else own_tiers(model, named)

    def _own(self, model: ServedModel, named: Sequence[RoutedCandidate]) -> Sequence[Sequence[Target]]:
        memo = self._own_tiers
        tiers = memo.get(model.name)
        if tiers is None:
            tiers = memo[model.name] = tuple(own_tiers(model, named))
        return tiers

    def _made(self, target: Target | AskedTarget) -> Target | None:
        if isinstance(target, Target):
            return self._as_asked(target)
        if self._found is None:
            self._forbidden |= self._permission is not None and not self._permission.may_ask()
            self._skip(target.label, "no Model is asked for that could be bound to it")
            return None
        model, rest = self._found
        return asked_target(target, model, candidates_of(model, rest))

    def _as_asked(self, target: Target) -> Target:
        """Of the very Model that a wildcard led to, by the names that it is asked for without a Route."""
        if self._found is None or self._found[1] is None or self._found[0].name != target.model:
            return target
        return target._replace(
            candidates=with_rest((each.candidate for each in target.candidates), self._found[1])
        )

    def able(self, tier: Sequence[Target]) -> Iterator[Target]:
        permission = self._permission
        for target in tier:
            if permission is not None and not permission.covers(target.model):
                self._forbidden = True
                self._skip(target.label, "not permitted to the client")
                continue
            if self._trace is not None:
                for left in target.left_out:
                    at = f"@{left.provider}" if left.provider else ""
                    self._skip(f"{target.model}{at}", left.reason)
            if target.capabilities is not None:
                lacking = (self._facts.needs() & CAPABILITIES) - target.capabilities
                if lacking:
                    self._lacking |= lacking
                    self._skip(target.label, f"lacks {', '.join(sorted(lacking))}")
                    continue
            if not target.candidates:
                continue
            endpoint = self._endpoint
            fits = tuple(each for each in target.candidates if endpoint in each.candidate.upstream.endpoints)
            if len(fits) < len(target.candidates):
                self._unserved = True
                self._skip(target.label, f"does not serve {ENDPOINTS[endpoint].path}")
                target = target._replace(candidates=fits)  # noqa: PLW2901  what is left of it
            if fits:
                yield target

    def nobody(self, asked: str) -> OpenAIError:
        trace = self._trace
        if trace is not None:
            trace.model = self._found[0].name if self._found is not None else None
            trace.route, trace.strategy = self._rule.name, self._rule.strategy
        if self._forbidden and self._permission is not None:
            if not self._permission.sees():
                return model_not_found(asked)
            if not (self._lacking or self._unserved):
                return model_not_permitted(asked)
        if self._lacking:
            return model_incapable(asked, sorted(self._lacking))
        if self._unserved:
            return endpoint_not_served(asked, ENDPOINTS[self._endpoint].path)
        return no_candidate(asked)

    def _skip(self, label: str, reason: str) -> None:
        if self._trace is not None:
            self._trace.skipped.append((label, reason))


def _trace_plain(
    trace: Trace, found: _Found | None, endpoint: Endpoint, routed: Routed | OpenAIError
) -> None:
    if found is not None:
        model, rest = found
        trace.model = model.name
        trace.skipped += [(each.binding, each.reason) for each in model.left_out]
        trace.skipped += [
            (each.candidate.binding or each.candidate.provider, f"does not serve {ENDPOINTS[endpoint].path}")
            for each in candidates_of(model, rest)
            if endpoint not in each.candidate.upstream.endpoints
        ]
    if isinstance(routed, Routed):
        trace.model, trace.order = routed.model, routed.candidates
