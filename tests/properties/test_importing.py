"""Whatever the source holds: an import ends, and what it makes is valid and the same again."""

from hypothesis import given
from hypothesis import strategies as st

from reconciler.control.importing.env import import_env
from reconciler.control.importing.envoy import import_envoy
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.litellm import import_litellm
from reconciler.control.importing.llama_swap import import_llama_swap
from reconciler.control.importing.manifests import text, with_secrets
from reconciler.control.importing.merging import merged
from reconciler.control.importing.oxide_sources import import_oxide, import_oxide_database, import_profiles
from reconciler.control.importing.provider_router import import_provider_router
from reconciler.control.importing.tensorzero import import_tensorzero
from reconciler.control.manifest.decode import decode
from reconciler.control.manifest.reader import read_text
from reconciler.control.manifest.validate import violations
from reconciler.json_types import JsonValue
from reconciler.store.foreign import ForeignTables

CANARY = "sk-made-up-0123456789"
WORDS = (
    "a", "m", "gpt-4o", "openai/gpt-4o", "openai/*", "*", "http", "cli", "ollama", "openai_compatible", "http://x/v1", "ftp://x", "http://[x", "",
    "os.environ/A_KEY", "true", "5", "-1", "1e-5", "x" * 300, "a\nb", "lm-studio", "qwen-direct", "least-busy", CANARY,
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers(-5, 10**12) | st.sampled_from(WORDS) | st.text(max_size=8)
ANY = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=6,
)


def mappings(*names: str) -> st.SearchStrategy[dict[str, JsonValue]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, ANY))


def mostly(*values: JsonValue) -> st.SearchStrategy[JsonValue]:
    """What is right, or now and then anything."""
    return st.sampled_from(values) | st.sampled_from(values) | ANY


def with_these(
    required: dict[str, st.SearchStrategy[JsonValue]], *optional: str
) -> st.SearchStrategy[dict[str, JsonValue]]:
    return st.fixed_dictionaries(required, optional=dict.fromkeys(optional, ANY))


URLS = ("http://x/v1", "http://[x", "https://y.example.com", "http://x:1/")
SERVICE = with_these(
    {"type": mostly("http"), "api_type": mostly("ollama", "openai_compatible"), "base_url": mostly(*URLS), "default_model": mostly("m", "q/w:1")},
    "executable", "api_key", "models", "max_retries", "retry_delay", "enabled", "site_url", "max_context_tokens",
)  # fmt: skip
NAMES = st.sampled_from(["a", "m", "A", "general_purpose", "_", "é"])
RULE = with_these(
    {"primary": mostly("a", "m"), "fallback": mostly(["A", "m"])},
    "timeout_seconds",
    "parallel_threshold_files",
)
OXIDE = st.fixed_dictionaries(
    {"services": st.dictionaries(NAMES, SERVICE, max_size=3) | ANY},
    optional={
        "routing_rules": st.dictionaries(NAMES, RULE | ANY, max_size=3) | ANY,
        "execution": mappings("max_retries", "timeout_seconds", "max_parallel_workers", "retry_on_failure")
        | ANY,
        "logging": ANY,
    },
)
PARAMS = with_these(
    {"model": mostly("gpt-4o", "openai/x", "groq/*", "ollama/m:1")},
    "api_base", "api_key", "rpm", "weight", "order", "timeout", "max_retries", "extra_headers", "temperature", "input_cost_per_token",
)  # fmt: skip
ITEM = st.fixed_dictionaries(
    {"model_name": mostly("m", "a", "openai/*"), "litellm_params": PARAMS}, optional={"model_info": ANY}
)
LITELLM = st.fixed_dictionaries(
    {"model_list": st.lists(ITEM, max_size=4) | ANY},
    optional={
        "litellm_settings": st.just({"fallbacks": [{"m": ["a"]}], "num_retries": 2})
        | mappings("fallbacks", "default_fallbacks", "num_retries", "request_timeout", "x_key")
        | ANY,
        "router_settings": mappings(
            "fallbacks", "routing_strategy", "model_group_alias", "allowed_fails", "cooldown_time"
        )
        | ANY,
        "general_settings": mappings("master_key", "database_url") | ANY,
        "include": ANY,
    },
)
VALUES = (
    st.none()
    | st.integers(-5, 10**12)
    | st.floats()
    | st.binary(max_size=4)
    | st.sampled_from(WORDS)
    | st.sampled_from(['{"a": 1.5}', "[1", "[[]]"])
)


def rows(*columns: str) -> st.SearchStrategy[list[dict[str, object]]]:
    return st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(columns, VALUES)), max_size=3)


TABLES = st.fixed_dictionaries(
    {},
    optional={
        "providers": rows("id", "name", "type", "enabled", "priority", "description"),
        "provider_configs": rows("provider_id", "key", "value", "is_sensitive"),
        "models": rows("id", "name", "capabilities"),
        "provider_models": rows("provider_id", "model_id", "is_default", "config"),
        "settings": rows("key", "value"),
        "qwen_credentials": rows("token", "cookies", "expires_at"),
        "services": rows("id", "type", "api_type", "base_url", "models", "api_key_encrypted"),
        "routing_rules": rows("task_type", "primary_service", "fallback_services"),
        "config_history": rows("id", "config_snapshot"),
        "execution_settings": rows("id", "max_retries"),
    },
)


def hold(*sources: Findings) -> None:
    """Valid each by itself, and so is their text; a second time it is the same."""
    found = merged(sources)
    assert violations({resource.key: resource for resource in found.resources}) == []
    written = text(with_secrets(found, None))
    decoding = decode(read_text(written, "f").documents)
    assert decoding.problems == ()
    assert {item.key: item.resource.spec for item in decoding.declared} == {
        each.key: each.spec for each in found.resources
    }
    assert text(with_secrets(merged(sources), None)) == written


@given(OXIDE, LITELLM)
def test_yaml(oxide: dict[str, JsonValue], litellm: dict[str, JsonValue]) -> None:
    hold(
        import_oxide(oxide, "o"),
        import_profiles({"model_profiles": oxide.get("services")}, "m"),
        import_litellm(litellm, "l", lambda _: None, {}),
    )


PEER = with_these(
    {"proxy": mostly(*URLS), "models": mostly(["m", "a"], ["q/w:1"])},
    "apiKey",
    "filters",
    "timeouts",
    "x_key",
)
LLAMA_SWAP = st.fixed_dictionaries(
    {
        "models": st.dictionaries(
            NAMES, with_these({"cmd": mostly("x")}, "aliases", "name", "env"), max_size=3
        )
        | ANY
    },
    optional={"peers": st.dictionaries(NAMES, PEER | ANY, max_size=3) | ANY, "macros": ANY, "apiKeys": ANY},
)
UPSTREAM = with_these(
    {"type": mostly("openai", "vllm", "groq"), "model_name": mostly("m", "x/y")},
    "api_base", "api_key_location", "extra_body", "extra_headers", "api_key",
)  # fmt: skip
TENSORZERO = st.fixed_dictionaries(
    {
        "models": st.dictionaries(
            NAMES,
            with_these(
                {
                    "routing": mostly(["a", "m"]),
                    "providers": st.dictionaries(NAMES, UPSTREAM | ANY, max_size=3) | ANY,
                },
                "timeouts",
            )
            | ANY,
            max_size=3,
        )
        | ANY
    },
    optional={"functions": ANY, "gateway": ANY},
)
KINDS = (
    "AIGatewayRoute",
    "AIServiceBackend",
    "BackendSecurityPolicy",
    "Backend",
    "BackendTLSPolicy",
    "Secret",
    "Pod",
)
HEADERS = mostly({"headers": [{"name": "x-ai-eg-model", "value": "m"}]})
ENVOY_SPECS = st.one_of(
    st.fixed_dictionaries(
        {"rules": st.lists(st.fixed_dictionaries({"matches": st.lists(HEADERS, max_size=2), "backendRefs": st.lists(with_these({"name": mostly("a", "m")}, "weight", "priority"), max_size=2)}), max_size=2) | ANY}
    ),
    with_these({"schema": mostly({"name": "OpenAI"}), "backendRef": mostly({"name": "a"}, {"name": "m"})}, "backendSecurityPolicyRef"),
    with_these({"type": mostly("APIKey"), "apiKey": mostly({"secretRef": {"name": "a"}})}, "targetRefs"),
    with_these({"endpoints": mostly([{"fqdn": {"hostname": "x", "port": 443}}], [{"ip": {"address": "::1"}}])}),
    ANY,
)  # fmt: skip
ENVOY = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(KINDS),
            "metadata": st.fixed_dictionaries({"name": NAMES}),
            "spec": ENVOY_SPECS,
        },
        optional={"stringData": ANY, "data": ANY},
    ),
    max_size=6,
)


@given(LLAMA_SWAP, TENSORZERO, ENVOY)
def test_other_gateways(
    llama_swap: dict[str, JsonValue], tensorzero: dict[str, JsonValue], envoy: list[dict[str, JsonValue]]
) -> None:
    hold(import_llama_swap(llama_swap, "s"), import_tensorzero(tensorzero, "t"), import_envoy(envoy, "e"))


@given(TABLES)
def test_databases(found: dict[str, list[dict[str, object]]]) -> None:
    tables = ForeignTables(found, {"requests": 3})  # type: ignore[arg-type]  # rows of any values
    hold(import_provider_router(tables, "p"), import_oxide_database(tables, "o", lambda _: CANARY))


NAMES_OF_VARIABLES = st.sampled_from(
    ["DEFAULT_PROVIDER", "LM_STUDIO_BASE_URL", "LM_STUDIO_DEFAULT_MODEL", "QWEN_API_KEY", "QWEN_BASE_URL", "MODEL_MAPPINGS", "REQUEST_TIMEOUT",
     "QWEN_TOKEN", "QWEN_COOKIES", "RETRY_MAX_ATTEMPTS", "USE_LEGACY_CONFIG", "X"]
)  # fmt: skip


@given(
    st.lists(st.tuples(NAMES_OF_VARIABLES, st.sampled_from(WORDS) | st.text(max_size=12)), max_size=8),
    st.text(max_size=30),
)
def test_environment_files(lines: list[tuple[str, str]], rest: str) -> None:
    hold(import_env("\n".join(f"{name}={value}" for name, value in lines) + rest, "e"))
