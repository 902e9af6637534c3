"""kinds.md: the fields of every kind, as its JSON Schema has them."""

import json
from collections.abc import Iterable, Iterator, Mapping

from reconciler.control.manifest.fields import OBJECT, Field, document_of
from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.resources.api_version import API_VERSION
from reconciler.resources.kinds import KINDS, Kind
from scripts.reference.markdown import GENERATED, block, code, joined, table

EXAMPLES: Mapping[str, str] = {
    "Secret": """\
metadata: {name: keys}
spec:
  hosts: [api.openai.com]
  data:
    OPENAI: {valueFrom: {env: OPENAI_API_KEY}}
""",
    "openai-compatible": """\
metadata: {name: openai}
spec:
  type: openai-compatible
  displayName: OpenAI
  priority: 10
  config:
    baseURL: https://api.openai.com/v1
    apiKey: {valueFrom: {secret: {name: keys, key: OPENAI}}}
    timeout: 90s
""",
    "lm-studio": """\
metadata: {name: local}
spec:
  type: lm-studio
  config: {baseURL: "http://localhost:1234"}
""",
    "ollama": """\
metadata: {name: desk}
spec:
  type: ollama
  config: {keepAlive: 30m}
""",
    "dashscope": """\
metadata: {name: qwen}
spec:
  type: dashscope
  config: {apiKey: {valueFrom: {env: DASHSCOPE_API_KEY}}}
""",
    "qwen-proxy": """\
metadata: {name: qwen-web}
spec:
  type: qwen-proxy
  config: {baseURL: "http://localhost:3000"}
""",
    "qwen-direct": """\
metadata: {name: qwen-session}
spec:
  type: qwen-direct
  config:
    unofficial: true
    token: {valueFrom: {env: QWEN_TOKEN}}
    cookies: {valueFrom: {env: QWEN_COOKIES_TOKEN}}
    expiresAt: "2026-12-20T08:00:00Z"
""",
    "cli": """\
metadata: {name: qwen-cli}
spec:
  type: cli
  config: {executable: qwen, args: [--model, "{model}"]}
  limits: {maxConcurrent: 2}
""",
    "simulator": """\
metadata: {name: simulated}
spec:
  type: simulator
  config: {text: "Hello from nobody.", interval: 20ms}
""",
    "Model": """\
metadata: {name: gpt-4o-mini}
spec:
  capabilities: [chat]
  contextWindow: 128000
  aliases: [fast, "openai/*"]
""",
    "Binding": """\
metadata: {name: gpt-4o-mini-openai}
spec:
  model: gpt-4o-mini
  provider: openai
  priority: 10
  config:
    defaults: {temperature: "0.2"}
    drop: [logit_bias]
""",
    "Route": """\
metadata: {name: canary}
spec:
  match:
    models: [gpt-4o-mini]
    headers: [{name: X-Team, value: search}]
  strategy: weighted
  targets:
    - {model: gpt-4o-mini, provider: openai, weight: 9}
    - {model: gpt-4o-mini, provider: local, weight: 1, timeout: 30s}
    - {provider: simulated, priority: -1}
""",
    "ClientKey": """\
metadata: {name: search-team}
spec:
  keys:
    - id: 0aZ4kQ81mTq2
      hash: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
  models: [gpt-4o-mini, "openai/*"]
  expires: 2031-01-31T00:00:00Z
  limits: {requestsPerMinute: 60, maxConcurrent: 8}
  budgets:
    - {window: month, amount: "25.00"}
""",
    "Settings": """\
metadata: {name: default}
spec:
  defaultModel: gpt-4o-mini
  activeProvider: openai
  unknownModels: forward
""",
}
"""By kind, and by type for Providers; without the first two lines."""

_INTRODUCTION = f"""\
A manifest is one YAML document: `apiVersion: {API_VERSION}`, a `kind`, `metadata` and a `spec`. A file may hold several,
parted by `---`. Unknown fields are errors. `routerctl explain KIND.FIELD` tells the same as this page, and
[`schemas/`](../../schemas) holds it for editors.

Types are written as kubectl writes them: `[]string` is a list, `map[string]string` a mapping. Three are ours:

- **duration**: a text such as `90s`, `250ms` or `1h30m`; an integer is milliseconds.
- **secret**: a text, which apply moves to the vault, or a [reference](#secret-fields) to where the value is.
- **any**: a text, an integer, a boolean, a list or an object.

A field in **bold** is required."""


def example(name: str) -> str:
    """A whole document."""
    kind = "Provider" if name in PROVIDER_TYPES else name
    return f"apiVersion: {API_VERSION}\nkind: {kind}\n{EXAMPLES[name]}"


def page() -> str:
    lines = ["# Kinds", "", GENERATED, "", *_INTRODUCTION.splitlines(), ""]
    lines += table(
        ("Kind", "Is", "On the command line"),
        [
            (f"[{kind.name}](#{kind.name.lower()})", kind.summary, ", ".join(map(code, kind.words())))
            for kind in KINDS.values()
        ],
    )
    metadata = document_of(KINDS["Model"]).child("metadata")
    lines += ["", "## metadata", "", *_fields(metadata)]
    for kind in KINDS.values():
        lines += ["", f"## {kind.name}", "", *(_provider(kind) if kind.name == "Provider" else _kind(kind))]
    secret = document_of(KINDS["Provider"], "openai-compatible")
    for name in ("spec", "config", "apiKey"):
        secret = secret.child(name) or secret
    lines += ["", "## Secret fields", "", *_introduced(secret.limits), *_fields(secret, described=False)]
    return joined(lines)


def _introduced(limits: Iterable[str]) -> Iterator[str]:
    for limit in limits:
        yield f"A field of type secret takes {limit}."
        yield ""


def _kind(kind: Kind) -> Iterator[str]:
    yield kind.summary
    yield ""
    spec = document_of(kind).child("spec")
    yield from _fields(spec, described=spec is not None and spec.description != kind.summary)
    yield ""
    yield from block(example(kind.name))


def _provider(kind: Kind) -> Iterator[str]:
    """The fields that all types have, and a table for what each type needs."""
    yield kind.summary
    yield ""
    spec = document_of(kind).child("spec")
    yield from _table(field for field in (spec.fields if spec is not None else ()) if field.name != "config")
    for name in PROVIDER_TYPES:
        typed = document_of(kind, name).child("spec")
        config = typed.child("config") if typed is not None else None
        yield from ("", f"### config of type {name}", "")
        yield from _fields(config, described=False)
        yield from ("", *block(example(name)))


def _fields(parent: Field | None, *, described: bool = True) -> Iterator[str]:
    if parent is None:
        return
    if described and parent.description:
        yield from (parent.description, "")
    yield from _table(parent.fields)


def _table(fields: Iterable[Field]) -> list[str]:
    rows = [row for field in fields for row in _rows(field, "")]
    return table(("Field", "Type", "Default", "What it is"), rows)


def _rows(field: Field, prefix: str) -> Iterator[tuple[str, str, str, str]]:
    """A field and what it holds; secret fields of Providers have a table of their own."""
    name = code(prefix + field.name)
    default = "" if field.default is None else code(_shown(field.default))
    yield f"**{name}**" if field.required else name, code(field.type), default, _described(field)
    if field.type in (OBJECT, "map[string]secret"):
        for inner in field.fields:
            yield from _rows(inner, f"{prefix}{field.name}{'' if field.type == OBJECT else '.KEY'}.")


def _described(field: Field) -> str:
    sentences = [field.description] if field.description else []
    if field.enum:
        sentences.append(f"One of {', '.join(code(_shown(value)) for value in field.enum)}.")
    limits = [_limit(text) for text in field.limits if field.type not in ("duration", "secret")]
    limits += [text for text in field.limits[1:] if field.type == "duration"]
    if limits:
        told = "; ".join(limits)
        sentences.append(f"{told[0].upper()}{told[1:]}.")
    return " ".join(sentences)


def _limit(text: str) -> str:
    before, word, pattern = text.partition("matches ")
    return f"{before}{word}{code(pattern)}" if word else text


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
