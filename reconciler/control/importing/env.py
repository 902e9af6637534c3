""".env files of the provider-router, its qwen-proxy and its api-server → Findings. One file may hold variables of all three."""

from collections.abc import Mapping
from types import MappingProxyType

from reconciler.control.importing.collecting import Collector, Draft
from reconciler.control.importing.dotenv import parse
from reconciler.control.importing.fields import Fields, duration
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.naming import client_name
from reconciler.control.importing.providers import base_url, complete_session, enabled, provider
from reconciler.json_types import value_at
from reconciler.resources.resource import DEFAULT_NAMESPACE

DASHSCOPE_URL = "https://dashscope.aliyuncs.com/compatible-mode/v1"
QWEN_URL = "https://chat.qwen.ai"
DASHSCOPE_NAME = "dashscope-default"
"""Of the Provider of the file's key: `qwen-direct-default`, as the program's database has it, may be the web session."""
_LM_STUDIO_URL, _QWEN_PROXY_URL = "http://192.168.0.22:1234/v1", "http://localhost:3000"
_DEFAULT_PROVIDER = "lm-studio"
_PROVIDERS = ("lm-studio", "qwen-proxy", "qwen-direct")

_LISTEN = "where it listens is an option: routerctl up --listen HOST:PORT"
_LOG = "how much is logged is an option: routerctl -v up, --log-format json"
_CORS = "which web pages may ask is said by Settings.spec.cors, for origins that are named"
_ANY_PAGE = "every page may ask only where clients need keys: Settings.spec.cors.origins: ['*'] with auth.dataPlane: keys"
_LOG_FILES = "the log goes to stderr; whoever starts it keeps files (systemd, a container's log)"
_RECORDS = "a record of each request is written anyway: routerctl requests"
_BODIES = "bodies are kept where Settings.spec.records.bodies says so; they were only logged before"
_SESSIONS = "sessions belong to the provider type qwen-direct, which keeps its own"

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "PORT": _LISTEN,
        "HOST": _LISTEN,
        "API_PORT": "the management listener's place is an option: routerctl up --admin-listen HOST:PORT",
        "API_HOST": "the management listener's place is an option: routerctl up --admin-listen HOST:PORT",
        "DATABASE_PATH": "the store is an option: routerctl --db URL; give the old file to import as well",
        "NODE_ENV": "there is one way to run it",
        "TRUST_PROXY": "client addresses are those of the connections",
        "LOG_LEVEL": _LOG,
        "LOG_PRETTY": _LOG,
        "LOG_DIR": _LOG_FILES,
        "LOG_MAX_SIZE": _LOG_FILES,
        "LOG_MAX_FILES": _LOG_FILES,
        "LOG_REQUESTS": _RECORDS,
        "LOG_RESPONSES": _BODIES,
        "CORS_ENABLED": _CORS,
        "CORS_ORIGIN": _CORS,
        "CORS_CREDENTIALS": _CORS,
        "SESSION_TIMEOUT": _SESSIONS,
        "SESSION_CLEANUP_INTERVAL": _SESSIONS,
        "MODELS_CACHE_DURATION": "models are declared, and nothing of them is kept for a while",
        "ENABLE_TOOL_CALLING": "tools go to the provider as the client sends them",
        "USER_AGENT": "it belongs to the provider of the web session, which is left out",
        "RETRY_MAX_DELAY": "the pause doubles and has a bound of its own",
        "RETRY_BACKOFF_MULTIPLIER": "the pause doubles",
    }
)


def import_env(text: str, origin: str, namespace: str = DEFAULT_NAMESPACE) -> Findings:
    collector = Collector(origin, "environment file of the provider-router", namespace)
    read = parse(text)
    for name in read.cut:
        collector.warn(
            f"{origin}: the value of {name} ends at its first #, as dotenv reads it; quote it if that is wrong"
        )
    for line in read.odd:
        collector.lose(f"line {line}", "it assigns nothing")
    fields = Fields(read.values)
    _legacy(collector, fields)
    _router(collector, fields)
    _qwen_session(collector, fields)
    _cors(collector, fields)
    collector.lose_rest(fields, REASONS, "this variable is none of the seed's; routerctl does not read it")
    return collector.findings()


def _cors(collector: Collector, fields: Fields) -> None:
    if fields.truth("CORS_ENABLED") is False:
        return
    written = fields.text("CORS_ORIGIN") or ""
    origins = [origin.strip() for origin in written.split(",") if origin.strip()]
    if "*" in origins:
        collector.lose("CORS_ORIGIN", _ANY_PAGE)
    elif origins:
        settings = collector.settings("CORS_ORIGIN")
        settings.put("cors.origins", [*origins], "CORS_ORIGIN")
        if fields.truth("CORS_CREDENTIALS"):
            settings.put("cors.credentials", True, "CORS_CREDENTIALS")


def _legacy(collector: Collector, fields: Fields) -> None:
    if "USE_LEGACY_CONFIG" in fields:
        if fields.truth("USE_LEGACY_CONFIG"):
            collector.warn(
                f"{collector.origin}: USE_LEGACY_CONFIG is on: this file counted, and not the database"
            )
        collector.lose("USE_LEGACY_CONFIG", "the store is the one source; nothing falls back to a file")


def _router(collector: Collector, fields: Fields) -> None:
    wanted = fields.text("DEFAULT_PROVIDER")
    timeout = fields.integer("REQUEST_TIMEOUT")
    made = {
        "lm-studio": _lm_studio(collector, fields, asked=wanted == "lm-studio"),
        "qwen-proxy": _qwen_proxy(collector, fields, asked=wanted == "qwen-proxy"),
        "qwen-direct": _dashscope(collector, fields, asked=wanted == "qwen-direct"),
    }
    for draft in made.values():
        if draft is not None and timeout is not None:
            draft.put("config.timeout", duration(timeout), "REQUEST_TIMEOUT")
    if timeout is not None and not any(made.values()):
        collector.lose("REQUEST_TIMEOUT", "there is no provider that it would bound")
    _active(collector, made, wanted)
    _mappings(collector, fields, made)


def _lm_studio(collector: Collector, fields: Fields, *, asked: bool) -> Draft | None:
    url, model = fields.text("LM_STUDIO_BASE_URL"), fields.text("LM_STUDIO_DEFAULT_MODEL")
    draft = _default_provider(
        collector, "lm-studio", 10, url, _LM_STUDIO_URL, "LM_STUDIO_BASE_URL", asked=asked or bool(model)
    )
    if draft is not None and model is not None:
        bind_default(collector, draft, model, "LM_STUDIO_DEFAULT_MODEL")
    return draft


def _qwen_proxy(collector: Collector, fields: Fields, *, asked: bool) -> Draft | None:
    url = fields.text("QWEN_PROXY_BASE_URL")
    return _default_provider(
        collector, "qwen-proxy", 5, url, _QWEN_PROXY_URL, "QWEN_PROXY_BASE_URL", asked=asked
    )


def _dashscope(collector: Collector, fields: Fields, *, asked: bool) -> Draft | None:
    key, url = fields.text("QWEN_API_KEY"), fields.text("QWEN_BASE_URL")
    if key is None and url is None and not asked:
        return None
    draft = provider(collector, DASHSCOPE_NAME, "dashscope", "QWEN_BASE_URL" if url else "QWEN_API_KEY")
    if draft is None:
        if key is not None:
            collector.leave_secret("QWEN_API_KEY", key, "its provider is left out")
        return None
    draft.put("displayName", "DashScope")
    draft.put("priority", 8)
    base_url(draft, "dashscope", url or DASHSCOPE_URL, "QWEN_BASE_URL" if url else "QWEN_API_KEY")
    enabled(draft, key is not None, "QWEN_API_KEY")
    if key is not None:
        draft.secret("config.apiKey", key, "QWEN_API_KEY", "QWEN_API_KEY")
    else:
        collector.warn(f"Provider/{DASHSCOPE_NAME} is written disabled: QWEN_API_KEY has no value")
    return draft


def _default_provider(
    collector: Collector, kind: str, priority: int, url: str | None, built_in: str, field: str, *, asked: bool
) -> Draft | None:
    """The Provider that the seed's own migration would make of it."""
    if url is None and not asked:
        return None
    draft = provider(collector, f"{kind}-default", kind, field)
    if draft is None:
        return None
    draft.put("displayName", {"lm-studio": "LM Studio", "qwen-proxy": "Qwen Proxy"}[kind])
    draft.put("priority", priority)
    if url is None:
        collector.warn(
            f"{field} is not set: Provider/{kind}-default gets the address that the program had built in"
        )
    base_url(draft, kind, url or built_in, field)
    return draft


def bind_default(collector: Collector, draft: Draft, model: str, field: str) -> None:
    if client_name(model) is None:
        collector.lose(field, "it is no name that a client could ask for")
        return
    binding = collector.bind(collector.model(model, field), draft, model, field)
    binding.put("default", True, field)


def _active(collector: Collector, made: Mapping[str, Draft | None], wanted: str | None) -> None:
    if wanted is not None and wanted not in _PROVIDERS:
        collector.lose("DEFAULT_PROVIDER", f"it is none of {', '.join(_PROVIDERS)}")
        return
    active = made.get(wanted or _DEFAULT_PROVIDER)
    if active is None:
        if wanted is not None:
            collector.lose("DEFAULT_PROVIDER", "its provider is left out")
        return
    settings = collector.settings("DEFAULT_PROVIDER")
    settings.put("activeProvider", active.key.name, "DEFAULT_PROVIDER" if wanted else None)
    settings.put("unknownModels", "forward")


def _mappings(collector: Collector, fields: Fields, made: Mapping[str, Draft | None]) -> None:
    written = fields.text("MODEL_MAPPINGS")
    if written is None:
        return
    collector.warn(
        "MODEL_MAPPINGS was never read by the program; its pairs become Bindings, and count from now on"
    )
    for pair in filter(None, map(str.strip, written.split(","))):
        model, _, name = (part.strip() for part in pair.rpartition(":"))
        draft = made.get(name.removesuffix("-default"))
        field = f"MODEL_MAPPINGS {pair}"
        if client_name(model) is None or draft is None:
            collector.lose(
                field, "it names a provider that is left out" if model else "it is no pair model:provider"
            )
        else:
            collector.bind(collector.model(model, field), draft, model, field)


def _qwen_session(collector: Collector, fields: Fields) -> None:
    """qwen-proxy's own .env: the web session that it speaks with."""
    token, cookies = fields.text("QWEN_TOKEN"), fields.text("QWEN_COOKIES")
    timeout, attempts = fields.integer("QWEN_TIMEOUT"), fields.integer("RETRY_MAX_ATTEMPTS")
    delay = fields.integer("RETRY_INITIAL_DELAY")
    draft = None
    if token is not None or cookies is not None:
        draft = qwen_session(collector, "qwen-direct-session", token, cookies, ("QWEN_TOKEN", "QWEN_COOKIES"))
    if draft is None:
        for field, value in (
            ("QWEN_TIMEOUT", timeout),
            ("RETRY_MAX_ATTEMPTS", attempts),
            ("RETRY_INITIAL_DELAY", delay),
        ):
            if value is not None:
                collector.lose(field, "it belongs to the provider of the web session, which is left out")
        return
    if timeout is not None:
        draft.put("config.timeout", duration(timeout), "QWEN_TIMEOUT")
    draft.put("config.userAgent", fields.text("USER_AGENT"), "USER_AGENT")
    if fields.truth("ENABLE_TOOL_CALLING") is False:
        draft.put("config.toolCalling", "off", "ENABLE_TOOL_CALLING")
    retries(collector, draft, attempts, delay, ("RETRY_MAX_ATTEMPTS", "RETRY_INITIAL_DELAY"))


def qwen_session(
    collector: Collector, name: str, token: str | None, cookies: str | None, fields: tuple[str, str]
) -> Draft | None:
    """A Provider of the unofficial web session, which needs both values."""
    draft = provider(collector, name, "qwen-direct", fields[0])
    if draft is None:
        for field, value in zip(fields, (token, cookies), strict=True):
            if value is not None:
                collector.leave_secret(field, value, "its provider is left out")
        return None
    if value_at(draft.spec, ("config", "baseURL")) is None:
        draft.put("config.baseURL", QWEN_URL)
    for path, field, value in (("token", fields[0], token), ("cookies", fields[1], cookies)):
        if value is not None:
            draft.secret(
                f"config.{path}", value, "QWEN_TOKEN" if path == "token" else "QWEN_COOKIES_TOKEN", field
            )
    complete_session(collector, draft)
    return draft


def retries(
    collector: Collector, draft: Draft, attempts: int | None, delay: int | None, fields: tuple[str, str]
) -> None:
    """`delay` in milliseconds. Both bounds are narrower here: a client waits meanwhile."""
    if attempts is None or attempts < 2:
        for field, value in zip(fields, (attempts, delay), strict=True):
            if value is not None:
                collector.lose(field, "asking once is the default; the pause acts on nothing then")
        return
    draft.put("retry.attempts", min(attempts, 5), fields[0] if attempts <= 5 else None)
    if attempts > 5:
        collector.lose(
            fields[0], f"{attempts} becomes 5, the most that a Provider may be asked for one request"
        )
    if delay is not None:
        draft.put(
            "retry.backoff",
            duration(min(max(delay, 0), 10_000)) or "0s",
            fields[1] if delay <= 10_000 else None,
        )
        if delay > 10_000:
            collector.lose(fields[1], "it becomes 10s, the longest pause")
