"""The provider-router's SQLite database → Findings, in any of its five schema versions: a table or column may be missing."""

from collections.abc import Mapping
from types import MappingProxyType

from reconciler.control.importing.collecting import Collector, Draft
from reconciler.control.importing.env import DASHSCOPE_URL, bind_default, qwen_session
from reconciler.control.importing.fields import Fields, duration, truth_of
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.leftovers import lose_all
from reconciler.control.importing.naming import client_name, variable_of
from reconciler.control.importing.providers import (
    WEB_SESSION,
    base_url,
    complete_session,
    enabled,
    expiry,
    provider,
)
from reconciler.control.importing.rows import parsed, record, rows_text
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import DEFAULT_NAMESPACE
from reconciler.store.foreign import ForeignTables

TABLES = (
    "providers",
    "provider_configs",
    "models",
    "provider_models",
    "settings",
    "metadata",
    "qwen_credentials",
)
MASKED = "***MASKED***"
_TIMES = ("created_at", "updated_at")
_CAPABILITIES = {
    "tool-calling": "tools",
    "function-calling": "tools",
    "tool_calling": "tools",
    "function_calling": "tools",
}
_SPELLINGS = {
    "base_url": "baseURL",
    "baseUrl": "baseURL",
    "api_key": "apiKey",
    "default_model": "defaultModel",
    "expires_at": "expiresAt",
}

_LISTEN = "where it listens is an option: routerctl up --listen HOST:PORT"
_DESKTOP = "it belongs to the desktop program"
SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "server.port": _LISTEN,
        "server.host": _LISTEN,
        "server.timeout": "each Provider has its own config.timeout",
        "logging.level": "how much is logged is an option: routerctl -v up",
        "logging.logRequests": "a record of each request is written anyway: routerctl requests",
        "logging.logResponses": "bodies are kept where Settings.spec.records.bodies says so",
        "system.autoStart": _DESKTOP,
        "system.minimizeToTray": _DESKTOP,
        "system.checkUpdates": _DESKTOP,
    }
)
_HISTORY = "what was asked and answered stays in the old file; routerctl begins with records of its own"


def import_provider_router(
    tables: ForeignTables, origin: str, namespace: str = DEFAULT_NAMESPACE
) -> Findings:
    version = _version(tables)
    collector = Collector(
        origin, f"database of the provider-router{f', schema {version}' if version else ''}", namespace
    )
    configs = _configs(tables)
    made: dict[str, Draft] = {}
    defaults: list[tuple[Draft, str, str]] = []
    for row in tables.rows.get("providers", ()):
        _provider(collector, record(row), configs, made, defaults)
    for identity, config in configs.items():
        collector.lose_rest(config, why=f"it belongs to the provider {identity}, which is left out")
    _credentials(collector, tables, made)
    for draft in collector.of_kind("Provider"):
        if draft.spec.get("type") == WEB_SESSION:
            complete_session(collector, draft)
    _models(collector, tables)
    _links(collector, tables, made)
    for draft, model, field in defaults:
        _default(collector, draft, model, field)
    _settings(collector, tables, made)
    if not tables.rows.get("providers"):
        collector.warn(
            f"{origin}: there are no providers in it; what served stands in the .env file: give that as well"
        )
    for name, count in sorted(tables.counts.items()):
        if count:
            collector.lose(
                name,
                f"{rows_text(count)}: {_HISTORY}"
                if name in _RECORDS
                else f"{rows_text(count)} of a table that is not known",
            )
    return collector.findings()


_RECORDS = ("sessions", "requests", "responses", "activity")


def _version(tables: ForeignTables) -> str:
    """As the database tells it."""
    for row in tables.rows.get("metadata", ()):
        if row.get("key") in ("schema_version", "version"):
            return str(row.get("value"))
    return ""


def _configs(tables: ForeignTables) -> dict[str, Fields]:
    """Of each provider its fields. What is masked is known by its value."""
    values: dict[str, JsonObject] = {}
    for row in map(record, tables.rows.get("provider_configs", ())):
        key = str(row.get("key"))
        values.setdefault(str(row.get("provider_id")), {})[_SPELLINGS.get(key, key)] = _unquoted(
            row.get("value")
        )
    return {identity: Fields(config, f"provider_configs[{identity}]") for identity, config in values.items()}


def _unquoted(value: JsonValue) -> JsonValue:
    """A text that was stored as JSON, in its quotes, is that text."""
    told = parsed(value) if isinstance(value, str) and value.startswith('"') else None
    return told if isinstance(told, str) else value


def _provider(
    collector: Collector,
    row: JsonObject,
    configs: dict[str, Fields],
    made: dict[str, Draft],
    defaults: list[tuple[Draft, str, str]],
) -> None:
    identity = str(row.get("id") or row.get("name") or "")
    fields = Fields(
        {name: value for name, value in row.items() if name not in ("id", *_TIMES)}, f"providers[{identity}]"
    )
    config = configs.get(identity, Fields({}, f"provider_configs[{identity}]"))
    foreign = _type(fields.text("type") or "", config)
    draft = provider(collector, collector.providers.of(identity), foreign, fields.field("type"))
    if draft is None:
        _leave(collector, config)
        return
    configs.pop(identity, None)
    made[identity] = draft
    draft.put("displayName", fields.text("name"), fields.field("name"))
    draft.put("description", fields.text("description"), fields.field("description"))
    enabled(draft, fields.truth("enabled") is not False, fields.field("enabled"))
    draft.put("priority", fields.integer("priority") or 0, fields.field("priority"))
    collector.lose_rest(fields)
    default = _config(collector, draft, foreign, config)
    if default is not None:
        defaults.append((draft, default, config.field("defaultModel")))


def _type(written: str, config: Fields) -> str:
    """qwen-direct meant two things: a key for DashScope, or the web session."""
    if written == "qwen-direct" and "apiKey" in config and "token" not in config:
        return "dashscope"
    return written or "openai-compatible"


def _config(collector: Collector, draft: Draft, foreign: str, config: Fields) -> str | None:
    """The default model's name, if one is told."""
    url, timeout = config.text("baseURL"), config.integer("timeout")
    if url is None and foreign == "dashscope":
        url = DASHSCOPE_URL
    if url is not None and foreign == WEB_SESSION and "/compatible-mode" in url:
        collector.lose(config.field("baseURL"), "it is DashScope's, and the web session asks its own site")
    elif url is not None:
        base_url(draft, foreign, url, config.field("baseURL"))
    if timeout is not None:
        draft.put("config.timeout", duration(timeout), config.field("timeout"))
    for name, ending in (("apiKey", "API_KEY"), ("token", "TOKEN"), ("cookies", "COOKIES_TOKEN")):
        value = config.text(name)
        if value == MASKED:
            collector.lose(
                config.field(name), "it was masked before it was stored here; enter the value itself"
            )
        elif value is not None:
            draft.secret(f"config.{name}", value, variable_of(draft.key.name, ending), config.field(name))
    if "expiresAt" in config:
        draft.put("config.expiresAt", expiry(config.integer("expiresAt")), config.field("expiresAt"))
    headers = parsed(config.text("headers"))
    if isinstance(headers, dict) and headers:
        draft.put(
            "config.headers", {name: str(value) for name, value in headers.items()}, config.field("headers")
        )
    default = config.text("defaultModel")
    lose_all(collector, config, {}, refers=lambda text: text == MASKED)
    return default


def _leave(collector: Collector, config: Fields) -> None:
    """The secrets of a provider that is left out are to be rotated as well."""
    for name in ("apiKey", "token", "cookies"):
        value = config.text(name)
        if value is not None and value != MASKED:
            collector.leave_secret(config.field(name), value, "its provider is left out")


def _credentials(collector: Collector, tables: ForeignTables, made: Mapping[str, Draft]) -> None:
    """What the program kept of the web session; its providers use it where they have none of their own."""
    rows = [record(row) for row in tables.rows.get("qwen_credentials", ())]
    for place, row in enumerate(rows):
        fields = Fields(
            {name: value for name, value in row.items() if name not in ("id", *_TIMES)},
            f"qwen_credentials[{place}]",
        )
        token, cookies = fields.text("token"), fields.text("cookies")
        expires = fields.integer("expires_at")
        names = (fields.field("token"), fields.field("cookies"))
        waiting = [
            draft for draft in made.values() if draft.spec.get("type") == "qwen-direct" and not draft.secrets
        ]
        if place < len(rows) - 1:
            for field, value in zip(names, (token, cookies), strict=True):
                if value is not None:
                    collector.leave_secret(field, value, "a later row took its place")
        elif waiting or not any(draft.spec.get("type") == "qwen-direct" for draft in made.values()):
            name = waiting[0].key.name if waiting else collector.providers.of("qwen-direct-session")
            draft = qwen_session(collector, name, token, cookies, names)
            if draft is not None and expires is not None:
                draft.put("config.expiresAt", expiry(expires), fields.field("expires_at"))
        collector.lose_rest(fields)


def _models(collector: Collector, tables: ForeignTables) -> None:
    for row in map(record, tables.rows.get("models", ())):
        identity = str(row.get("id") or "")
        fields = Fields(
            {name: value for name, value in row.items() if name not in ("id", *_TIMES)}, f"models[{identity}]"
        )
        text = client_name(identity)
        if text is None:
            collector.lose(f"models[{identity[:40]}]", "its id is no name that a client could ask for")
            continue
        draft = collector.model(text, fields.field("id"))
        draft.put("displayName", fields.text("name"), fields.field("name"))
        draft.put("description", fields.text("description"), fields.field("description"))
        told = parsed(fields.take("capabilities"))
        words = (
            [_CAPABILITIES.get(word, word) for word in told if isinstance(word, str)]
            if isinstance(told, list)
            else []
        )
        if words:
            draft.put("capabilities", [*dict.fromkeys(words)], fields.field("capabilities"))
        elif told:
            collector.lose(fields.field("capabilities"), "it is no list of words")
        collector.lose_rest(fields)


def _links(collector: Collector, tables: ForeignTables, made: Mapping[str, Draft]) -> None:
    seen: set[str] = set()
    for row in map(record, tables.rows.get("provider_models", ())):
        identity, model = str(row.get("provider_id") or ""), str(row.get("model_id") or "")
        where = f"provider_models[{identity}, {model[:80]}]"
        draft, text = made.get(identity), client_name(model)
        if draft is None or text is None:
            collector.lose(
                where, "its provider is left out" if draft is None else "its model can't be asked for"
            )
            continue
        binding = collector.bind(collector.model(text, where), draft, text, where)
        if truth_of(row.get("is_default")):
            if identity in seen:
                collector.lose(f"{where}.is_default", "the provider has a default already")
            else:
                binding.put("default", True, f"{where}.is_default")
            seen.add(identity)
        config = parsed(row.get("config"))
        if isinstance(config, dict) and config:
            binding.put(
                "config.defaults",
                {name: value for name, value in config.items() if value is not None},
                f"{where}.config",
            )
        elif config:
            collector.lose(f"{where}.config", "it is no object of parameters")


def _default(collector: Collector, draft: Draft, model: str, field: str) -> None:
    """Where a link says so already, that counts."""
    bindings = [each for each in collector.of_kind("Binding") if each.spec.get("provider") == draft.key.name]
    chosen = next((each for each in bindings if each.spec.get("default")), None)
    if chosen is None:
        bind_default(collector, draft, model, field)
    elif chosen.spec.get("model") != collector.models.known(model):
        collector.lose(field, f"{chosen.key} is the default already: provider_models says so")
    else:
        chosen.put("default", True, field)


def _settings(collector: Collector, tables: ForeignTables, made: Mapping[str, Draft]) -> None:
    for row in map(record, tables.rows.get("settings", ())):
        key, value = str(row.get("key")), row.get("value")
        field = f"settings[{key}]"
        if key == "active_provider":
            _active(collector, made, value, field)
        else:
            collector.lose(field, SETTINGS.get(key, "routerctl has nothing that it would be"))


def _active(collector: Collector, made: Mapping[str, Draft], value: JsonValue, field: str) -> None:
    parsed_value = parsed(value)
    draft = made.get(str(parsed_value))
    if draft is None:
        if parsed_value:
            collector.lose(field, "its provider is left out")
        return
    settings = collector.settings(field)
    settings.put("activeProvider", draft.key.name, field)
    settings.put("unknownModels", "forward")
    collector.warn(
        "the active provider took every request; here a Model that is bound to others alone goes to those. "
        "Every other name goes to the active one, as before"
    )
