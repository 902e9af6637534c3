"""Oxide's configuration (services, routing_rules, execution, ...) → Findings; the same from YAML and from its database."""

from collections.abc import Mapping
from types import MappingProxyType

from reconciler.control.importing.collecting import Collector, Draft
from reconciler.control.importing.env import retries
from reconciler.control.importing.fields import Fields, duration
from reconciler.control.importing.foreign_types import with_version
from reconciler.control.importing.naming import client_name, variable_of
from reconciler.control.importing.providers import base_url, enabled, provider
from reconciler.json_types import JsonObject
from reconciler.resources.provider_retry import MAX_ATTEMPTS
from reconciler.resources.route_policy import MAX_WORKERS

_TYPES: Mapping[tuple[str | None, str | None], str] = MappingProxyType(
    {
        ("cli", None): "cli",
        ("http", "ollama"): "ollama",
        ("http", "openai_compatible"): "openai-compatible",
        ("http", None): "openai-compatible",
    }
)
_OLLAMA_URL = "http://localhost:11434"
_MOST_TARGETS = 64
_STEP = 10
_TARGETS_DECIDE = "which service a kind of work goes to is said by its Route"
SERVICE_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "capabilities": _TARGETS_DECIDE,
        "use_free_only": "no Provider chooses models by their price; bind the free ones",
        "auto_start": "routerctl starts no model servers",
        "auto_detect_model": "models are declared; routerctl model sync makes them of what a provider has",
        "node_id": "each service is reached at its own address",
        "max_context_tokens": "it belongs to a Model, and the service names none",
    }
)
_TABLES: Mapping[str, str] = MappingProxyType(
    {
        "logging": "the log goes to stderr (-v, --log-format); whoever starts routerctl keeps files",
        "security": "where programs may work is an option of the process: routerctl up --allow-dir DIR",
        "storage": "the store is one SQLite file: routerctl --db URL",
        "cluster": "several machines share no store; each applies the same manifests",
        "memory": "no conversation is kept; clients send it whole",
        "hot_reload": "a commit reaches every worker by itself",
    }
)
_EXECUTION: Mapping[str, str] = MappingProxyType(
    {
        "streaming": "each client says itself whether it wants a stream",
    }
)


def convert_oxide(collector: Collector, data: JsonObject) -> None:
    fields = Fields(data)
    execution = fields.mapping("execution")
    rules = fields.mapping("routing_rules")
    services = fields.mapping("services")
    bound = _Execution(execution)
    chosen: dict[str, tuple[Draft, str | None]] = {}
    for name in services.names():
        _service(collector, name, services.mapping(name), bound, chosen)
    for task in rules.names():
        _rule(collector, task, rules.mapping(task), chosen)
    if not chosen or not any(draft.spec.get("enabled") is not False for draft, _ in chosen.values()):
        collector.warn(f"{collector.origin}: no service is enabled here, so nothing would be served")
    _default_model(collector)
    _without_models(collector, chosen)
    collector.lose_rest(services, why="a service is a mapping of fields")
    collector.lose_rest(rules, why="a rule is a mapping with primary")
    if chosen:
        bound.settle(collector)
    bound.tell(collector)
    for name, why in _TABLES.items():
        for field in fields.mapping(name).rest():
            collector.lose(field, why)
    collector.lose_rest(fields)


class _Execution:
    """What holds for all services and rules that say nothing themselves."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self.workers = fields.integer("max_parallel_workers")
        self.timeout = fields.integer("timeout_seconds")
        retry, attempts = fields.truth("retry_on_failure"), fields.integer("max_retries")
        self.retries = 0 if retry is False else attempts
        self.used: set[str] = set()

    def field(self, name: str) -> str:
        return self._fields.field(name)

    def settle(self, collector: Collector) -> None:
        """What the Settings say for all that says nothing itself."""
        for name, value, place, most in (
            ("max_parallel_workers", self.workers, "maxParallelWorkers", MAX_WORKERS),
            ("max_retries", self.retries, "maxRetries", MAX_ATTEMPTS - 1),
        ):
            if value is not None and value > 0:
                self.used.add(name)
                field = self.field(name)
                collector.settings(field).put(
                    f"execution.{place}", min(value, most), field if value <= most else None
                )
                if value > most:
                    collector.lose(field, f"{value} becomes {most}, the most that there may be")

    def tell(self, collector: Collector) -> None:
        """Those that nothing took up."""
        for name, value in (
            ("max_parallel_workers", self.workers),
            ("timeout_seconds", self.timeout),
            ("max_retries", self.retries),
        ):
            if value and name not in self.used:
                collector.lose(self.field(name), "there is no service that it would count for")
        collector.lose_rest(self._fields, _EXECUTION)


def _service(
    collector: Collector,
    name: str,
    fields: Fields,
    execution: _Execution,
    chosen: dict[str, tuple[Draft, str | None]],
) -> None:
    kind, api = fields.text("type"), fields.text("api_type")
    foreign = _TYPES.get((kind, api))
    if foreign is None or (foreign == "cli" and "executable" not in fields):
        why = "an executable is missing" if foreign else "its type or api_type is none that Oxide has"
        collector.lose(fields.field("type"), f"{why}; the service is left out")
        _leave(collector, fields)
        return
    draft = provider(collector, collector.providers.of(name), foreign, fields.field("type"))
    if draft is None:
        _leave(collector, fields)
        return
    draft.put("displayName", fields.text("name"), fields.field("name"))
    enabled(draft, fields.truth("enabled") is not False, fields.field("enabled"))
    if foreign == "cli":
        _program(collector, draft, fields)
    url = fields.text("base_url") or (_OLLAMA_URL if foreign == "ollama" else None)
    if url is not None and foreign == "openai-compatible" and not url.partition("://")[2].partition("/")[2]:
        url = with_version(url)  # Oxide takes it with and without
    if url is not None:
        base_url(draft, foreign, url, fields.field("base_url"))
    key = fields.text("api_key")
    if key is not None and foreign == "cli":
        collector.leave_secret(fields.field("api_key"), key, "a program has keys of its own")
    elif key is not None:
        draft.secret("config.apiKey", key, variable_of(draft.key.name), fields.field("api_key"))
    _attribution(draft, fields)
    _bounds(collector, draft, fields, execution)
    chosen[name] = (draft, _models(collector, draft, fields))
    collector.lose_rest(fields, SERVICE_REASONS)


def _program(collector: Collector, draft: Draft, fields: Fields) -> None:
    executable = fields.text("executable") or ""
    draft.put("config.executable", executable, fields.field("executable"))
    collector.warn(
        f"{draft.key} runs the program {executable}, which the gateway must be started for: "
        f'--allow-exec "$(command -v {executable})"'
    )


def _leave(collector: Collector, fields: Fields) -> None:
    key = fields.text("api_key")
    if key is not None:
        collector.leave_secret(fields.field("api_key"), key, "its service is left out")
    collector.lose_rest(fields, SERVICE_REASONS, "its service is left out")


def _attribution(draft: Draft, fields: Fields) -> None:
    """OpenRouter's headers that say for whom a request is."""
    for name, header in (("site_url", "HTTP-Referer"), ("site_name", "X-Title")):
        draft.put(f"config.headers.{header}", fields.text(name), fields.field(name))


def _bounds(collector: Collector, draft: Draft, fields: Fields, execution: _Execution) -> None:
    if execution.timeout is not None:
        draft.put("config.timeout", duration(execution.timeout * 1000), execution.field("timeout_seconds"))
        execution.used.add("timeout_seconds")
    own, delay = fields.integer("max_retries"), fields.integer("retry_delay")
    again = own if own is not None or delay is None else execution.retries
    names = (
        fields.field("max_retries") if own is not None else execution.field("max_retries"),
        fields.field("retry_delay"),
    )
    if again is not None or delay is not None:
        attempts = again + 1 if again is not None else None
        retries(collector, draft, attempts, None if delay is None else delay * 1000, names)


def _models(collector: Collector, draft: Draft, fields: Fields) -> str | None:
    """Binds all models that the service names, the default first; the name of the one that it is asked for by itself."""
    context = fields.integer("max_context_tokens")
    named = _named(draft, fields)
    first = None
    for text, (rank, field) in named.items():
        if client_name(text) is None:
            collector.lose(field, "a model's name there is none that a client could ask for")
            continue
        model = collector.model(text, field)
        binding = collector.bind(model, draft, text, field)
        if rank:
            binding.put("priority", rank, field)
        if first is None:
            first = model.key.name
            binding.put("default", True, field)
        if context is not None and "contextWindow" not in model.spec:
            model.put("contextWindow", context, fields.field("max_context_tokens"))
    if context is not None and first is None:
        collector.lose(fields.field("max_context_tokens"), SERVICE_REASONS["max_context_tokens"])
    return first


def _named(draft: Draft, fields: Fields) -> dict[str, tuple[int, str]]:
    """(priority, field) by the upstream's name of the model. What a program runs is its model, where none is named."""
    named: dict[str, tuple[int, str]] = {}
    default = fields.text("default_model")
    if default is not None:
        named[default] = (0, fields.field("default_model"))
    for rank, name in ((0, "preferred_models"), (0, "models"), (-_STEP, "fallback_models")):
        for text in fields.texts(name):
            named.setdefault(text, (rank, fields.field(name)))
    if draft.spec.get("type") == "cli":
        if named:
            draft.put("config.args", ["--model", "{model}"])
        named = named or {draft.key.name: (0, fields.field("executable"))}
    return named


def _rule(
    collector: Collector,
    task: str,
    fields: Fields,
    chosen: Mapping[str, tuple[Draft, str | None]],
) -> None:
    primary, fallback = fields.text("primary"), fields.texts("fallback")
    targets: list[JsonObject] = []
    for place, service in enumerate([*([primary] if primary else []), *fallback]):
        field = fields.field("primary" if place == 0 and primary else "fallback")
        found = chosen.get(service)
        if found is None:
            collector.lose(field, f'the service "{service}" is left out, or there is none')
        elif found[1] is None:
            collector.lose(
                field,
                f'the service "{service}" names no model (default_model), and a Route needs one: '
                "make its models with routerctl model sync, and name one as a target",
            )
        else:
            target: JsonObject = {
                "model": found[1],
                "provider": found[0].key.name,
                "priority": -_STEP * len(targets),
            }
            if target["provider"] not in [each["provider"] for each in targets]:
                targets.append(target)
    if not targets:
        collector.lose(fields.field("primary"), "no service of the rule can be asked; the rule is left out")
        collector.lose_rest(fields, why="its rule is left out")
        return
    draft = collector.draft("Route", collector.routes.of(task), fields.field("primary"))
    draft.put("match.taskTypes", [task], fields.field("primary"))
    draft.put("targets", [*targets[:_MOST_TARGETS]], fields.field("fallback"))
    timeout = fields.integer("timeout_seconds")
    if timeout is not None:
        draft.put("timeouts.total", duration(timeout * 1000), fields.field("timeout_seconds"))
    threshold = fields.integer("parallel_threshold_files")
    if threshold is not None:
        draft.put("parallelThreshold", threshold, fields.field("parallel_threshold_files"))
        collector.warn(
            f"{draft.key}: parallelThreshold counts the inputs of an embeddings request, and no files"
        )
    collector.lose_rest(fields)


def _without_models(collector: Collector, chosen: Mapping[str, tuple[Draft, str | None]]) -> None:
    """Those that found out by themselves what they have."""
    names = [
        service
        for service, (draft, model) in chosen.items()
        if model is None and draft.spec.get("enabled") is not False
    ]
    if names:
        collector.warn(
            f"{collector.origin}: nobody can ask {', '.join(names)} yet, since no model is named there: "
            "routerctl model sync makes Models of what they have"
        )


def _default_model(collector: Collector) -> None:
    """Requests that name neither model nor task go where general work goes."""
    draft = collector.get("Route", collector.routes.known("general_purpose") or "")
    targets = draft.spec.get("targets") if draft is not None else None
    if isinstance(targets, list) and isinstance(targets[0], dict):
        collector.settings("routing_rules.general_purpose").put("defaultModel", targets[0]["model"])
