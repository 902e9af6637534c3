"""Envoy AI Gateway's objects → Findings: AIGatewayRoute, AIServiceBackend, BackendSecurityPolicy, and what they refer to."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from reconciler.control.importing.collecting import Collector, Draft
from reconciler.control.importing.fields import Fields
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.leftovers import lose_all
from reconciler.control.importing.naming import client_name, variable_of
from reconciler.control.importing.providers import base_url, provider
from reconciler.json_types import JsonObject, value_at
from reconciler.resources.resource import DEFAULT_NAMESPACE

GROUP = "aigateway.envoyproxy.io/"
_MODEL_HEADER = "x-ai-eg-model"
_TYPE = "openai-compatible"
_STEP = 10
_HTTPS = 443
_PATHS: Mapping[str, str] = MappingProxyType({"OpenAI": "/v1", "Anthropic": "/v1"})
_KEYS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"APIKey": ("apiKey", "apiKey"), "AnthropicAPIKey": ("anthropicAPIKey", "apiKey")}
)
"""By the type of a policy: its field, and the entry of the Secret."""
_READ = (
    "AIGatewayRoute",
    "AIServiceBackend",
    "BackendSecurityPolicy",
    "Backend",
    "BackendTLSPolicy",
    "Secret",
)
_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "parentRefs": "there is one gateway: routerctl up --listen HOST:PORT",
        "llmRequestCosts": "tokens and costs of each request are recorded anyway: routerctl requests",
        "filterConfig": "there is no external processor",
        "timeouts": "a Route for the model has timeouts, and its Provider has config.timeout",
        "modelsOwnedBy": "models are listed as owned by routerctl",
        "modelsCreatedAt": "models are listed with the time of their Model",
        "headerMutation": "a Binding sets headers: config.headers",
        "bodyMutation": "a Binding sets and drops parameters: config.overrides, config.drop",
    }
)


@dataclass(slots=True)
class _Cluster:
    """The objects by kind and name, and what was made of the backends."""

    collector: Collector
    objects: dict[tuple[str, str], Fields]
    made: dict[str, Draft | None] = field(default_factory=dict)

    def spec(self, kind: str, name: str) -> Fields | None:
        return self.objects.get((kind, name))

    def named(self, kind: str) -> list[str]:
        return [name for found, name in self.objects if found == kind]


def is_of_envoy(documents: Sequence[JsonObject]) -> bool:
    return any(str(each.get("apiVersion", "")).startswith(GROUP) for each in documents)


def import_envoy(
    documents: Sequence[JsonObject], origin: str, namespace: str = DEFAULT_NAMESPACE
) -> Findings:
    collector = Collector(origin, "Envoy AI Gateway's objects", namespace)
    cluster = _Cluster(collector, {})
    for document in documents:
        _take_in(cluster, document)
    keys = _keys(cluster)
    for name in cluster.named("AIServiceBackend"):
        cluster.made[name] = _backend(cluster, name, keys)
    for name in cluster.named("AIGatewayRoute"):
        _route(cluster, cluster.objects["AIGatewayRoute", name])
    for (kind, _), fields in cluster.objects.items():
        lose_all(
            collector,
            fields,
            _REASONS,
            "nothing that is read refers to it" if kind in _READ[2:] else _NOTHING,
        )
    return collector.findings()


_CERTIFICATES = (
    "a certificate is checked for the host of the address, by what the system trusts; else see config.tls"
)
_NOTHING = "routerctl has nothing that it would be"


def _take_in(cluster: _Cluster, document: JsonObject) -> None:
    kind, name = str(document.get("kind")), str(value_at(document, ("metadata", "name")))
    where = f"{kind}/{name}"[:120]
    if kind not in _READ:
        cluster.collector.lose(where, "it belongs to the cluster, and not to the routing of models")
        return
    if (kind, name) in cluster.objects:
        cluster.collector.lose(where, "it stands there twice; the first one counts")
        name = f"{name} of {len(cluster.objects)}"  # nothing refers to it
    if kind == "Secret":
        plain = document.get("stringData")
        coded = document.get("data")
        values: JsonObject = {
            key: _decoded(text) for key, text in (coded.items() if isinstance(coded, dict) else ())
        }
        values |= plain if isinstance(plain, dict) else {}
        cluster.objects[kind, name] = Fields(values, where)
        return
    spec = document.get("spec")
    cluster.objects[kind, name] = Fields(spec if isinstance(spec, dict) else {}, where)


def _decoded(value: object) -> str:
    try:
        return base64.b64decode(str(value), validate=True).decode()
    except ValueError:  # no base64, or no text
        return str(value)


@dataclass(frozen=True, slots=True)
class _Key:
    """secret: the entry of a Secret that is here, by the field that holds it."""

    secret: tuple[str, str] | None


def _keys(cluster: _Cluster) -> dict[str, _Key]:
    """By the name of a backend."""
    found: dict[str, _Key] = {}
    references = _references(cluster)
    for policy in cluster.named("BackendSecurityPolicy"):
        fields = cluster.objects["BackendSecurityPolicy", policy]
        kind = fields.text("type") or ""
        targets = [name for each in fields.mappings("targetRefs") if (name := _ref(each))]
        names = _KEYS.get(kind)
        if names is None:
            cluster.collector.lose(
                fields.field("type"), f"a key of the kind {kind[:40]} has no form here yet"
            )
            continue
        holder = fields.mapping(names[0])
        reference = holder.mapping("secretRef")
        lose_all(cluster.collector, holder, {}, "a Provider has one key")
        secret = cluster.spec("Secret", _ref(reference) or "")
        text = secret.text(names[1]) if secret is not None else None
        key = _Key((text, secret.field(names[1])) if text is not None and secret is not None else None)
        backends = [*targets, *references.get(policy, ())]
        if not backends and key.secret is not None:
            cluster.collector.leave_secret(key.secret[1], key.secret[0], "no backend is asked with it")
        found |= dict.fromkeys(backends, key)
    return found


def _references(cluster: _Cluster) -> dict[str, list[str]]:
    """By the name of a policy the backends that name it themselves, as older versions have it."""
    found: dict[str, list[str]] = {}
    for name in cluster.named("AIServiceBackend"):
        fields = cluster.objects["AIServiceBackend", name]
        if "backendSecurityPolicyRef" in fields:
            policy = value_at(fields.take("backendSecurityPolicyRef"), ("name",))
            found.setdefault(str(policy), []).append(name)
    return found


def _backend(cluster: _Cluster, name: str, keys: Mapping[str, _Key]) -> Draft | None:
    fields, collector = cluster.objects["AIServiceBackend", name], cluster.collector
    schema = fields.mapping("schema")
    kind = schema.text("name") or ""
    prefix = schema.text("prefix") or schema.text("version")
    where = fields.field("schema")
    lose_all(collector, schema, {}, "requests are passed on as the provider takes them")
    url = _url(cluster, _ref(fields.mapping("backendRef")) or "")
    key = keys.get(name)
    draft = None
    if kind not in _PATHS:
        collector.lose(where, f"no provider type stands for {kind[:40]} yet; Provider/{name} is left out")
    elif url is None:
        collector.lose(
            fields.field("backendRef"), "its Backend is not here, or has no address that can be asked"
        )
    else:
        draft = provider(collector, collector.providers.of(name), _TYPE, where)
    if draft is None or url is None:
        if key is not None and key.secret is not None:
            collector.leave_secret(key.secret[1], key.secret[0], "its backend is left out")
        return None
    path = f"/{prefix.strip('/')}" if prefix else _PATHS[kind]
    base_url(draft, _TYPE, f"{url}{path}", fields.field("backendRef"))
    if key is not None and key.secret is not None:
        draft.secret("config.apiKey", key.secret[0], variable_of(draft.key.name), key.secret[1])
    elif key is not None:
        draft.refer("config.apiKey", variable_of(draft.key.name))
    return draft


def _url(cluster: _Cluster, name: str) -> str | None:
    fields = cluster.spec("Backend", name)
    if fields is None:
        return None
    endpoints = [*fields.mappings("endpoints")]
    for endpoint in endpoints[1:]:
        lose_all(cluster.collector, endpoint, {}, "a Provider is at one address; the first one counts")
    if not endpoints:
        return None
    fqdn, ip = endpoints[0].mapping("fqdn"), endpoints[0].mapping("ip")
    host, port = fqdn.text("hostname") or ip.text("address"), fqdn.integer("port") or ip.integer("port")
    for group in (fqdn, ip, endpoints[0]):
        lose_all(cluster.collector, group, {}, "a Provider is at a host and a port")
    if host is None:
        return None
    scheme = "https" if port == _HTTPS or _has_tls(cluster, name) else "http"
    shown = f"[{host}]" if ":" in host else host
    usual = {"https": _HTTPS, "http": 80}[scheme]
    return f"{scheme}://{shown}" if port in (None, usual) else f"{scheme}://{shown}:{port}"


def _has_tls(cluster: _Cluster, backend: str) -> bool:
    """Whether a BackendTLSPolicy is for it. The certificate is checked here in any case."""
    for name in cluster.named("BackendTLSPolicy"):
        fields = cluster.objects["BackendTLSPolicy", name]
        targets = fields.take("targetRefs")
        named = [value_at(each, ("name",)) for each in targets] if isinstance(targets, list) else []
        if backend in named:
            lose_all(cluster.collector, fields, {}, _CERTIFICATES)
            return True
    return False


def _route(cluster: _Cluster, fields: Fields) -> None:
    collector = cluster.collector
    if fields.take("llmRequestCosts") is not None:
        collector.lose(fields.field("llmRequestCosts"), _REASONS["llmRequestCosts"])
    for rule in fields.mappings("rules"):
        models = _models(collector, rule)
        bound = [_bound(cluster, reference, models) for reference in rule.mappings("backendRefs")]
        ranks = [rank for rank in bound if rank is not None]
        if len(set(ranks)) < len(ranks):
            _share(collector, models)
        lose_all(collector, rule, _REASONS)


def _share(collector: Collector, models: Sequence[tuple[str, str]]) -> None:
    """Backends of one priority share the requests, by their weights."""
    for name, where in models:
        model = collector.model(name, where).key.name
        draft = collector.draft("Route", collector.routes.of(model), where)
        draft.put("match.models", [model], where)
        draft.put("strategy", "weighted")


def _models(collector: Collector, rule: Fields) -> list[tuple[str, str]]:
    """What clients ask for, with its field."""
    found = []
    matches = [*rule.mappings("matches")]
    for match in matches:
        headers = [*match.mappings("headers")]
        where = match.field("headers")
        told = [
            (each.text("name") or "", each.text("type") or "Exact", each.text("value") or "")
            for each in headers
        ]
        name = (
            told[0][2]
            if len(told) == 1 and told[0][0].lower() == _MODEL_HEADER and told[0][1] == "Exact"
            else ""
        )
        if client_name(name) is None:
            collector.lose(
                where, "only a rule for one model has its like here; write a Route for what it matches"
            )
        else:
            found.append((name, where))
        lose_all(collector, match, {}, "only the model's name is looked at")
    if not matches:
        collector.lose(
            rule.field("matches"),
            "it takes every model: name a Provider in activeProvider of the Settings instead",
        )
    return found


def _bound(cluster: _Cluster, reference: Fields, models: Sequence[tuple[str, str]]) -> int | None:
    """Its priority; None where it is left out."""
    collector = cluster.collector
    name, upstream = reference.text("name") or "", reference.text("modelNameOverride")
    priority, weight = reference.integer("priority"), reference.integer("weight")
    for other in ("kind", "group", "namespace"):
        reference.take(other)
    draft = cluster.made.get(name)
    if draft is None:
        collector.lose(reference.field("name"), f'the backend "{name[:80]}" is left out, or there is none')
        lose_all(collector, reference, _REASONS, "its backend is left out")
        return None
    for model, where in models:
        binding = collector.bind(collector.model(model, where), draft, upstream or model, where)
        if priority is not None:
            binding.put("priority", -_STEP * priority, reference.field("priority"))
        binding.put("weight", weight, reference.field("weight"))
        if weight == 0:
            binding.put("enabled", False, reference.field("weight"))
    lose_all(collector, reference, _REASONS)
    return None if weight == 0 else priority or 0


def _ref(fields: Fields) -> str | None:
    """The name of what is referred to; what else tells it is taken."""
    name = fields.text("name")
    fields.rest()
    return name
