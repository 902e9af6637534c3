"""TensorZero's tensorzero.toml → Findings. Its models become Models, and what each of them is routed to, in that order, Bindings."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from reconciler.control.importing.collecting import Collector, Draft
from reconciler.control.importing.fields import Fields
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.leftovers import lose_all
from reconciler.control.importing.litellm_providers import PREFIXES
from reconciler.control.importing.naming import client_name
from reconciler.control.importing.providers import base_url, provider
from reconciler.control.importing.upstreams import Upstreams
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import DEFAULT_NAMESPACE

ASKED_FOR = "tensorzero::model_name::"
"""How clients of its OpenAI interface name a model; without it here, and with it as before."""
_STEP = 10
_ENV = "env::"
_PATH = "path::"


class _Upstream(NamedTuple):
    """prefix: LiteLLM's word for who is meant. url None: each provider says its own."""

    url: str | None
    variable: str | None


def _known(prefix: str, variable: str | None = None) -> _Upstream:
    row = PREFIXES[prefix]
    return _Upstream(row.url, variable or row.variable)


TYPES: Mapping[str, _Upstream] = MappingProxyType(
    {
        "openai": _known("openai"),
        "anthropic": _known("anthropic"),
        "deepseek": _known("deepseek"),
        "fireworks": _known("fireworks_ai", "FIREWORKS_API_KEY"),
        "google_ai_studio_gemini": _known("gemini", "GOOGLE_API_KEY"),
        "google_ai_studio": _known("gemini", "GOOGLE_API_KEY"),
        "groq": _known("groq"),
        "hyperbolic": _Upstream("https://api.hyperbolic.xyz/v1", "HYPERBOLIC_API_KEY"),
        "mistral": _known("mistral"),
        "openrouter": _known("openrouter"),
        "together": _known("together_ai", "TOGETHER_API_KEY"),
        "xai": _known("xai"),
        "sglang": _Upstream(None, "SGLANG_API_KEY"),
        "vllm": _Upstream(None, None),
        "tgi": _Upstream(None, None),
    }
)
_PROMPTS = "prompts, schemas and variants belong to the program that asks; it asks a Model by its name"
_TOP: Mapping[str, str] = MappingProxyType(
    {
        "functions": _PROMPTS,
        "tools": _PROMPTS,
        "metrics": "feedback is not collected; requests are recorded: routerctl requests",
        "evaluations": "nothing is evaluated here",
        "gateway": "where it listens, and what it logs, are options: routerctl up --listen HOST:PORT, -v",
        "clickhouse": "records are in a file beside the store: routerctl requests",
        "postgres": "records are in a file beside the store: routerctl requests",
        "object_storage": "bodies are kept where Settings.spec.records.bodies says so",
        "rate_limiting": "limits are those of a Provider (limits) and of a ClientKey (limits, budgets)",
        "provider_types": "each Provider says its own key and address",
    }
)
_MODEL: Mapping[str, str] = MappingProxyType(
    {
        "timeouts": "a Route for the model has timeouts, and its Provider has config.timeout",
        "retries": "a Provider's retry says how often it is asked again",
        "skip_relay": "nothing relays",
        "namespace": "a namespace is that of a whole import: -n",
    }
)


def import_tensorzero(data: JsonObject, origin: str, namespace: str = DEFAULT_NAMESPACE) -> Findings:
    collector = Collector(origin, "TensorZero's config", namespace)
    fields = Fields(data)
    upstreams = Upstreams(collector)
    for table in ("models", "embedding_models"):
        models = fields.mapping(table)
        for name in models.names():
            _model(collector, upstreams, name, models.mapping(name))
        lose_all(collector, models, {}, "a model is a table of fields")
    lose_all(collector, fields, _TOP, refers=_is_reference)
    return collector.findings()


def _model(collector: Collector, upstreams: Upstreams, name: str, fields: Fields) -> None:
    where = fields.field("routing")
    routing, providers = fields.texts("routing"), fields.mapping("providers")
    if client_name(name) is None:
        collector.lose(where, "its name is none that a client could ask for")
        lose_all(collector, providers, {}, "its model is left out", refers=_is_reference)
        return
    model = collector.model(name, where)
    known = model.spec.get("aliases")
    alias = f"{ASKED_FOR}{name}"
    if client_name(alias) is not None:
        model.put("aliases", [*(known if isinstance(known, list) else []), alias])
    for place, chosen in enumerate(routing):
        if chosen in providers:
            _bound(collector, upstreams, model, providers.mapping(chosen), -_STEP * place, where)
        else:
            collector.lose(where, f'there is no provider "{chosen[:80]}" of this model')
    lose_all(collector, providers, {}, "routing does not name it", refers=_is_reference)
    lose_all(collector, fields, _MODEL, refers=_is_reference)


def _bound(
    collector: Collector, upstreams: Upstreams, model: Draft, fields: Fields, priority: int, where: str
) -> None:
    written, name = fields.text("type") or "", fields.text("model_name")
    row, base = TYPES.get(written), fields.text("api_base") or fields.text("endpoint")
    url = base or (row.url if row is not None else None)
    if row is None or name is None or url is None or client_name(name) is None:
        why = (
            f"no provider type stands for {written[:80]} yet"
            if row is None
            else "its model_name or api_base is missing"
        )
        collector.lose(fields.field("type"), f"{why}; it is left out")
        lose_all(collector, fields, {}, "its provider is left out", refers=_is_reference)
        return
    location = fields.take("api_key_location")

    def make() -> Draft | None:
        named = collector.providers.another(written)
        draft = provider(collector, named, "openai-compatible", fields.field("type"))
        if draft is not None:
            base_url(draft, "openai-compatible", url, fields.field("api_base"))
            _key(collector, draft, location, row, fields.field("api_key_location"))
        return draft

    identity = (written, url, repr(location))
    draft = upstreams.of(identity, model.key.name, make)
    if draft is None:
        lose_all(collector, fields, {}, "its provider is left out", refers=_is_reference)
        return
    binding = collector.bind(model, draft, name, fields.field("model_name"))
    binding.put("priority", priority, where)
    _changes(collector, binding, fields)
    lose_all(collector, fields, _MODEL, refers=_is_reference)


def _key(collector: Collector, draft: Draft, location: JsonValue, row: _Upstream, field: str) -> None:
    """`env::NAME`, `path::FILE`, `none`; or a table of a default and what stands in for it. Without one, the type's own variable."""
    if isinstance(location, dict):
        collector.lose(field, "what stands in for the default is not asked; one key is enough for a Provider")
        location = location.get("default")
    if location is None:
        if row.variable is not None:
            draft.refer("config.apiKey", row.variable)
    elif isinstance(location, str) and location.startswith(_ENV):
        draft.refer("config.apiKey", location.removeprefix(_ENV), field)
    elif isinstance(location, str) and location.startswith(_PATH):
        draft.put("config.apiKey", {"valueFrom": {"file": location.removeprefix(_PATH)}}, field)
    elif location != "none":
        collector.lose(
            field, "a key that comes with each request has no place here; give the Provider its own"
        )


def _changes(collector: Collector, binding: Draft, fields: Fields) -> None:
    """extra_body and extra_headers: what is set whatever the client says."""
    for item in fields.mappings("extra_body"):
        pointer, value = item.text("pointer") or "", item.take("value")
        step = pointer.removeprefix("/")
        if pointer.startswith("/") and step and "/" not in step and value is not None:
            binding.put(("config", "overrides", step), value, item.field("value"))
        elif item.truth("delete") and "/" not in step and step:
            dropped = binding.spec.get("config")
            before = dropped.get("drop") if isinstance(dropped, dict) else None
            binding.put(
                "config.drop", [*(before if isinstance(before, list) else []), step], item.field("pointer")
            )
        else:
            collector.lose(item.field("pointer"), "a Binding sets whole parameters, and nothing inside one")
        collector.lose_rest(item)
    for item in fields.mappings("extra_headers"):
        name, text = item.text("name"), item.text("value")
        if name is not None and text is not None:
            binding.put(("config", "headers", name), text, item.field("value"))
        else:
            collector.lose(item.field("name"), "a header is a name and a value")
        collector.lose_rest(item)


def _is_reference(text: str) -> bool:
    """Whether a text says where a key is."""
    return text == "none" or "::" in text
