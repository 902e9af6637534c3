"""Valid specs and whole documents of every kind, at random."""

from collections.abc import Mapping

from hypothesis import strategies as st

from reconciler.json_types import JsonObject, JsonValue

Json = st.SearchStrategy[JsonValue]

AWKWARD = [
    "yes", "No", "on", "~", "null", "true", "1e3", "0x1f", "1_000", "12:30", "2026-01-01", "1.5", ".inf", "<<", "=",
    "a: b", "a #b", "# a", "- a", "? a", "& a", "*a", "!a", "|", ">", "%a", "@a", "`a", '"a"', "'a'", "{a}", "[a]", ",",
    "a\\nb", "http://a:1/b", "90s", "---", "...", "ä模😀", "a'b\"c", "trailing:", "\\u2028",
]  # fmt: skip
BROKEN_UP = [
    " leading", "trailing ", "two\nlines", "two\nlines\n", "\nlead", "end\n\n", "a\n\nb\n", " a\nb", "a \nb", "a\n  b",
    "tab\tbed", "a\r\nb", "\x07bell", "\x1b[2J", "\x85", "\u2028", "\u202eturned", "\ufeffbom", "---\n...\n", "\U000e0001",
]  # fmt: skip

names = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,8}[A-Za-z0-9])?", fullmatch=True)
variables = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True)
printables = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20) | (
    st.sampled_from(AWKWARD)
)
texts = (
    st.text(st.characters(codec="utf-8", min_codepoint=1), max_size=20)
    | st.sampled_from([*AWKWARD, *BROKEN_UP])
    | st.lists(st.sampled_from(["a", " b", "", "c ", "- d", "#", "---", "é"]), max_size=4).map("\n".join)
)
durations = st.sampled_from(["0ms", "90s", "1m30s", "1h", 0, 90_000]) | st.integers(0, 10**9)
timeouts = st.sampled_from(["250ms", "90s", "1m30s", 1000, 90_000]) | st.integers(1000, 10**9)
booleans = st.booleans()
integers = st.integers(-(2**53 - 1), 2**53 - 1)


def _object(required: Mapping[str, object], optional: Mapping[str, object]) -> st.SearchStrategy[JsonObject]:
    found: st.SearchStrategy[JsonObject] = st.fixed_dictionaries(dict(required), optional=dict(optional))  # type: ignore[arg-type]  # strategies of any value
    return found


secret_values = (
    texts.filter(bool)
    | st.builds(lambda name: {"valueFrom": {"env": name}}, variables)
    | st.builds(lambda name: {"valueFrom": {"secret": {"name": name, "key": name}}}, names)
    | st.builds(lambda name: {"sealed": f"v-{name.replace('.', '-')}"}, names)
)
headers = st.dictionaries(names.map(lambda name: f"x-{name.lower()}"), names, max_size=3)
_any_upstream = {
    "apiKey": secret_values,
    "timeout": timeouts,
    "connectTimeout": timeouts,
    "firstByteTimeout": timeouts,
    "idleTimeout": timeouts,
    "headers": headers,
}
_PEM = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
_trusts = {"serverName": st.sampled_from(["llm.internal", "a"]), "caFile": st.just("/run/secrets/ca.pem")}
_shown = {"cert": st.just(f"# ours\n{_PEM}"), "key": secret_values}
tls = _object({}, _trusts) | _object(_shown, _trusts) | st.just({"ca": _PEM})
upstream = _object(
    {"baseURL": st.sampled_from(["http://localhost:1/v1", "https://api.example.com"])}, _any_upstream
) | _object({"baseURL": st.just("https://llm.internal/v1"), "tls": tls}, _any_upstream)
local = _object({}, {"keepAlive": durations, **_any_upstream})
simulated = _object(
    {},
    {
        "text": texts,
        "latency": durations,
        "interval": durations,
        "chunkSize": st.integers(1, 100),
        "errorStatus": st.sampled_from([0, 400, 503]),
        "errorEvery": st.integers(1, 9),
        "cutAfter": st.integers(0, 9),
        "dimensions": st.integers(1, 9),
    },
)
parameter_values = (
    booleans
    | integers
    | texts
    | st.lists(texts | integers, max_size=2)
    | st.dictionaries(names, texts, max_size=2)
)
binding_config = _object(
    {},
    {
        "defaults": st.dictionaries(names.map("d-{}".format), parameter_values, max_size=2),
        "overrides": st.dictionaries(names.map("o-{}".format), parameter_values, max_size=2),
        "drop": st.lists(names, max_size=2, unique=True),
        "headers": st.dictionaries(
            names.map("X-{}".format),
            st.sampled_from(("a", "{model}", "{header.X-Team}/{{{requestId}}}")),
            max_size=2,
        ),
    },
)
upstream_models = printables.filter(lambda text: "*" not in text) | st.just("*")
_every_provider = {
    "displayName": printables,
    "description": texts,
    "enabled": booleans,
    "priority": integers,
    "onClientDisconnect": st.sampled_from(["cancel", "drain"]),
}
entries = st.dictionaries(
    names,
    texts.filter(bool).map(lambda text: {"value": text})
    | st.builds(lambda name: {"valueFrom": {"env": name}}, variables),
    min_size=1,
    max_size=3,
)

SPECS: Mapping[str, st.SearchStrategy[JsonObject]] = {
    "Provider": _object({"type": st.just("simulator"), "config": simulated}, _every_provider)
    | _object(
        {
            "type": st.sampled_from(["openai-compatible", "lm-studio", "dashscope", "qwen-proxy"]),
            "config": upstream,
        },
        _every_provider,
    )
    | _object({"type": st.just("ollama"), "config": local}, _every_provider),
    "Model": _object(
        {},
        {
            "displayName": printables,
            "description": texts,
            "capabilities": st.lists(printables, max_size=3),
            "contextWindow": st.integers(1, 10**6),
            "maxOutputTokens": st.integers(1, 10**6),
            "aliases": st.lists(printables.filter(lambda text: "*" not in text), max_size=3, unique=True),
        },
    ),
    "Binding": _object(
        {"model": names, "provider": names},
        {
            "upstreamModel": upstream_models,
            "priority": integers,
            "weight": st.integers(0, 10**6),
            "default": booleans,
            "config": binding_config,
            "enabled": booleans,
        },
    ),
    "Route": _object(
        {},
        {
            "enabled": booleans,
            "priority": integers,
            "match": _object(
                {},
                {
                    "models": st.lists(printables, min_size=1, max_size=3),
                    "taskTypes": st.lists(printables, min_size=1, max_size=2),
                    "headers": st.lists(
                        _object(
                            {"name": names, "value": names},
                            {"type": st.sampled_from(["exact", "prefix", "glob"])},
                        ),
                        min_size=1,
                        max_size=2,
                    ),
                    "promptTokens": st.sampled_from([{"min": 1}, {"max": 9}, {"min": 1, "max": 2}]),
                    "capabilities": st.lists(
                        st.sampled_from(["tools", "vision", "json-schema", "audio"]), min_size=1, max_size=2
                    ),
                },
            ),
            "strategy": st.sampled_from(["priority", "lowest-latency"]),
            "targets": st.lists(
                _object({"model": names}, {"provider": names, "priority": integers, "timeout": timeouts}),
                min_size=1,
                max_size=3,
                unique_by=lambda target: (target["model"], target.get("provider")),
            ),
        },
    ),
    "Settings": _object(
        {},
        {
            "defaultModel": printables,
            "activeProvider": names,
            "unknownModels": st.sampled_from(["reject", "forward"]),
        },
    ),
    "ClientKey": _object(
        {},
        {
            "enabled": booleans,
            "keys": st.lists(
                _object(
                    {
                        "id": st.text("abcXYZ012", min_size=12, max_size=12),
                        "hash": st.sampled_from(["sha256:" + digit * 64 for digit in "0a"]),
                    },
                    {"enabled": booleans, "expires": st.just("2031-01-31T00:00:00Z")},
                ),
                min_size=1,
                max_size=2,
                unique_by=lambda key: str(key["id"]),
            ),
            "models": st.lists(printables, min_size=1, max_size=3),
            "expires": st.just("2031-01-31T00:00:00+01:00"),
            "limits": _object(
                {}, {"maxConcurrent": st.integers(1, 9), "tokensPerDay": st.integers(1, 10**9)}
            ),
            "budgets": st.just([{"window": "day", "amount": "2.50"}]),
            "metadata": st.dictionaries(names.map(lambda name: name[:64]), printables, max_size=2),
        },
    ),
    "Secret": _object(
        {"data": entries}, {"hosts": st.lists(st.sampled_from(["localhost", "[::1]"]), max_size=2)}
    ),
}


def specs() -> st.SearchStrategy[tuple[str, JsonObject]]:
    """(kind, valid spec)"""
    return st.sampled_from(sorted(SPECS)).flatmap(lambda kind: st.tuples(st.just(kind), SPECS[kind]))


@st.composite
def documents(draw: st.DrawFn) -> JsonObject:
    """A whole valid document."""
    kind, spec = draw(specs())
    metadata: JsonObject = {"name": "default" if kind == "Settings" else draw(names)}
    if draw(booleans):
        metadata["namespace"] = draw(names)
    if draw(booleans):
        metadata["labels"] = dict(draw(st.dictionaries(names, names, max_size=2)))
    if draw(booleans):
        metadata["annotations"] = dict(draw(st.dictionaries(names, texts, max_size=2)))
    return {"apiVersion": "routerctl.dev/v1", "kind": kind, "metadata": metadata, "spec": spec}
