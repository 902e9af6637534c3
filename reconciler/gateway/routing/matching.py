"""Which Route decides a request: the first, in their order, of which every condition holds."""

from reconciler.gateway.routing.facts import Facts
from reconciler.gateway.routing.trace import Trace
from reconciler.snapshot.model import Routes, Rule


def deciding(
    routes: Routes, asked: str | None, model: str | None, facts: Facts, trace: Trace | None
) -> Rule | None:
    """`asked` is what the client wrote, or the default model; `model` the configured one that it means."""
    client = facts.client
    for rule in _asked_in_turn(routes, asked, model):
        if client is not None and not client.may_follow(rule.name):
            if trace is not None:
                trace.missed.append((rule.name, "not permitted to the client"))
            continue
        missed = _missed(rule, asked, model, facts)
        if not missed:
            return rule
        if trace is not None:
            trace.missed.append((rule.name, missed))
    return None


def is_settled(routes: Routes, asked: str | None, model: str | None, rule: Rule | None) -> bool:
    """Whether `rule`, which `deciding` gave, decides each request of the same client for that name."""
    for each in _asked_in_turn(routes, asked, model):
        if each.looks:
            return False
        if each is rule:
            break
    return True


def _asked_in_turn(routes: Routes, asked: str | None, model: str | None) -> tuple[Rule, ...]:
    """By the name that was written, else by the Model that it means."""
    rules = routes.named.get(asked) if asked is not None else None
    if rules is None and model is not None:
        rules = routes.named.get(model)
    return routes.others if rules is None else rules


def _missed(rule: Rule, asked: str | None, model: str | None, facts: Facts) -> str:
    """The condition that does not hold; empty where all do."""
    if not _names(rule, asked, model):
        return "another model" if rule.names is not None else "no Model has the name"
    if rule.clients is not None and (facts.client is None or not rule.clients.match(facts.client.name)):
        return "another client"
    if rule.tasks and facts.task() not in rule.tasks:
        return "another task type"
    for name, value, label in rule.headers:
        written = facts.header(name)
        if not written or not value.matches(written):
            return f"header {label}"
    if rule.prompt is not None and not rule.prompt[0] <= facts.tokens() <= rule.prompt[1]:
        return "another prompt size"
    if rule.needs and not rule.needs <= facts.needs():
        return "needs other capabilities"
    return ""


def _names(rule: Rule, asked: str | None, model: str | None) -> bool:
    """A Route that names no model leaves alone what no Model has: `forward` and `model_not_found` are decided elsewhere."""
    if rule.names is None:
        return asked is None or model is not None
    if asked is None:
        return False
    if asked in rule.names or model in rule.names:
        return True
    return any(each.matches(asked) or (model is not None and each.matches(model)) for each in rule.globs)
