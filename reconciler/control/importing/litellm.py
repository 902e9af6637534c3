"""LiteLLM's config.yaml → Findings."""

from collections.abc import Callable, Mapping

from reconciler.control.importing.collecting import Collector, Draft
from reconciler.control.importing.env import retries
from reconciler.control.importing.fields import Fields
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.leftovers import lose_all
from reconciler.control.importing.litellm_models import ENVIRON, Deployments, seconds
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import DEFAULT_NAMESPACE

Include = Callable[[str], JsonObject | None]
"""Reads a file that the config names; None where it can't be had."""

STRATEGIES = {
    "simple-shuffle": ("weighted", ""),
    "least-busy": ("least-busy", ""),
    "latency-based-routing": ("lowest-latency", ""),
    "usage-based-routing": (
        "least-busy",
        "it becomes least-busy: what is under way counts, and not the last minute",
    ),
    "usage-based-routing-v2": (
        "least-busy",
        "it becomes least-busy: what is under way counts, and not the last minute",
    ),
    "cost-based-routing": ("weighted", "it becomes weighted: the deployments of one Model have one price"),
}
_STEP = 10
_REASONS: Mapping[str, str] = {
    "master_key": "clients get keys of their own: routerctl key create, and Settings.spec.auth.dataPlane: keys",
    "database_url": "the store is a file of its own: routerctl --db URL",
    "store_model_in_db": "the store always has the models, and manifests say which",
    "context_window_fallbacks": "a Route may go by promptTokens: write one for long prompts",
    "content_policy_fallbacks": "an answer that a provider gave is passed on, whatever it says",
    "drop_params": "config.drop of a Binding names what is taken out",
    "set_verbose": "how much is logged is an option: routerctl -v up",
    "cache": "no answers are kept",
    "cache_params": "no answers are kept",
    "success_callback": "records and metrics are there anyway: routerctl requests, /metrics",
    "failure_callback": "records and metrics are there anyway: routerctl requests, /metrics",
    "callbacks": "records and metrics are there anyway: routerctl requests, /metrics",
    "retry_policy": "a Provider's retry.statuses say after what it is asked again",
    "enable_pre_call_checks": "a Route may go by promptTokens and capabilities",
}


def import_litellm(
    data: JsonObject,
    origin: str,
    include: Include,
    environ: Mapping[str, str],
    namespace: str = DEFAULT_NAMESPACE,
) -> Findings:
    collector = Collector(origin, "LiteLLM's config", namespace)
    fields = Fields(_included(collector, data, include))
    deployments = Deployments(collector, environ)
    for item in fields.mappings("model_list"):
        deployments.add(item)
    router, settings = fields.mapping("router_settings"), fields.mapping("litellm_settings")
    _aliases(collector, router)
    for group in (router, settings):
        _for_all(collector, group)
    strategy = _strategy(collector, router)
    _routes(collector, strategy, _fallbacks(collector, router, settings))
    general = fields.mapping("general_settings")
    if "master_key" in general:
        collector.warn(
            "LiteLLM asked for keys (master_key). Here nobody is asked for one until you say so: routerctl key create, "
            "then Settings.spec.auth.dataPlane: keys"
        )
    for group in (router, settings, general, fields.mapping("environment_variables"), fields):
        lose_all(collector, group, _REASONS, refers=_is_reference)
    return collector.findings()


def _included(collector: Collector, data: JsonObject, include: Include) -> JsonObject:
    """Lists of a file that is included are added to, all else takes the place of what was there."""
    whole = {name: value for name, value in data.items() if name != "include"}
    names = data.get("include")
    for name in names if isinstance(names, list) else []:
        found = include(name) if isinstance(name, str) else None
        if found is None:
            collector.lose(
                "include", f"{str(name)[:80]} is no file that can be read below the folder of the config"
            )
            continue
        for key, value in found.items():
            before = whole.get(key)
            whole[key] = [*before, *value] if isinstance(before, list) and isinstance(value, list) else value
    return whole


def _aliases(collector: Collector, router: Fields) -> None:
    group = router.mapping("model_group_alias")
    for alias in group.names():
        value = group.take(alias)
        name = value.get("model") if isinstance(value, dict) else value
        model = collector.get("Model", collector.models.known(name) or "") if isinstance(name, str) else None
        if model is None:
            collector.lose(group.field(alias), "its model is left out")
        else:
            known = model.spec.get("aliases")
            model.put("aliases", [*(known if isinstance(known, list) else []), alias], group.field(alias))


def _for_all(collector: Collector, group: Fields) -> None:
    """What holds for every deployment that says nothing itself."""
    providers = collector.of_kind("Provider")
    again = group.integer("num_retries")
    timeout = group.text("request_timeout") or group.text("timeout")
    fails, pause = group.integer("allowed_fails"), group.text("cooldown_time")
    for draft in providers:
        if again is not None and again > 0 and "retry" not in draft.spec:
            retries(collector, draft, again + 1, None, (group.field("num_retries"), ""))
        config = draft.spec.get("config")
        if timeout is not None and isinstance(config, dict) and "timeout" not in config:
            draft.put("config.timeout", seconds(timeout), group.field("request_timeout"))
        if fails is not None:
            draft.put("health.failureThreshold", min(fails + 1, 1000), group.field("allowed_fails"))
        if pause is not None:
            draft.put("health.openFor", seconds(pause), group.field("cooldown_time"))


def _strategy(collector: Collector, router: Fields) -> str:
    written = router.text("routing_strategy")
    if written is None:
        return "weighted"
    strategy, why = STRATEGIES.get(
        written, ("weighted", "it is none that is known; deployments are chosen by weight")
    )
    if why:
        collector.lose(router.field("routing_strategy"), why)
    return strategy


def _fallbacks(collector: Collector, *groups: Fields) -> dict[str, tuple[list[str], str]]:
    """By Model the Models that are tried after it, and the field that says so."""
    found: dict[str, tuple[list[str], str]] = {}
    for group in groups:
        for item in group.mappings("fallbacks"):
            for name in item.names():
                _fallback(collector, found, name, item.texts(name), item.field(name))
    for group in groups:
        field = group.field("default_fallbacks")
        names = group.texts("default_fallbacks")
        last = [known for name in names if (known := _known(collector, name)) is not None]
        for model in collector.of_kind("Model") if last else ():
            if model.key.name not in last:
                found.setdefault(model.key.name, (last, field))
        if names and not last:
            collector.lose(field, "its models are left out")
    return found


def _fallback(
    collector: Collector, found: dict[str, tuple[list[str], str]], name: str, others: list[str], field: str
) -> None:
    first = _known(collector, name)
    last = [known for other in others if (known := _known(collector, other)) is not None and known != first]
    if first is None or not last:
        collector.lose(field, "a model of it is left out")
    else:
        found.setdefault(first, (last, field))
        if len(last) < len(others):
            collector.lose(field, "some of its models are left out")


def _known(collector: Collector, text: str) -> str | None:
    name = collector.models.known(text)
    return name if name is not None and collector.get("Model", name) is not None else None


def _routes(collector: Collector, strategy: str, fallbacks: Mapping[str, tuple[list[str], str]]) -> None:
    """One for each Model that several deployments serve, or that others stand in for."""
    for model in collector.of_kind("Model"):
        bindings = [each for each in collector.of_kind("Binding") if each.spec.get("model") == model.key.name]
        others, field = fallbacks.get(model.key.name, ([], None))
        if not others and len(bindings) < 2:
            continue
        draft = collector.draft("Route", collector.routes.of(model.key.name), field or model.field)
        draft.put("match.models", [model.key.name], field)
        draft.put("strategy", strategy)
        if others:
            draft.put("targets", [*_targets(bindings, strategy), *_after(others)], field)


def _targets(bindings: list[Draft], strategy: str) -> list[JsonValue]:
    weighing = strategy in ("weighted", "least-busy")
    targets: list[JsonValue] = []
    for binding in bindings[:48]:
        target: JsonObject = {"model": binding.spec["model"], "provider": binding.spec["provider"]}
        if weighing and "weight" in binding.spec:
            target["weight"] = binding.spec["weight"]
        if "priority" in binding.spec:
            target["priority"] = binding.spec["priority"]
        targets.append(target)
    return targets


def _after(others: list[str]) -> list[JsonValue]:
    base = -1_000
    return [
        {"model": name, "priority": base - _STEP * place}
        for place, name in enumerate(dict.fromkeys(others[:16]))
    ]


def _is_reference(text: str) -> bool:
    return text.startswith(ENVIRON)
