"""Rules on names: what clients ask for, and the namespaces in which names count."""

from collections.abc import Iterator

from reconciler.control.lint.declarations import Declarations, named, texts
from reconciler.control.lint.rule import Remark, Rule, Severity
from reconciler.resources.references import references
from reconciler.resources.resource import DEFAULT_NAMESPACE, Resource, ResourceKey


def _redundant_alias(files: Declarations) -> Iterator[Remark]:
    for model in files.of_kind("Model"):
        if any(binding.spec.get("upstreamModel") == "*" for binding in files.bindings.get(model.key, ())):
            continue  # what the * takes, and so what the upstream is asked for, depends on the alias
        aliases = texts(model.spec.get("aliases"))
        for position, alias in enumerate(aliases):
            wider = next((other for other in aliases if other != alias and _takes(other, alias)), None)
            if wider is not None and _alone(files, model, alias, wider):
                yield Remark(
                    model.key,
                    ("spec", "aliases", position),
                    f'"{alias}" changes nothing: "{wider}" takes it already',
                    "delete one of them",
                )


def _takes(wildcard: str, alias: str) -> bool:
    return wildcard.endswith("*") and alias.removesuffix("*").startswith(wildcard[:-1])


def _alone(files: Declarations, model: Resource, alias: str, wider: str) -> bool:
    """Whether no other Model has an alias between the two, against which the narrower one would win."""
    return not any(
        _takes(wider, other) and _takes(other, alias)
        for rival in files.of_kind("Model")
        if rival.key.namespace == model.key.namespace and rival.key != model.key
        for other in texts(rival.spec.get("aliases"))
    )


def _wildcard_takes_nothing(files: Declarations) -> Iterator[Remark]:
    for binding in files.of_kind("Binding"):
        model = files.get(named(binding, "model"))
        if model is None or binding.spec.get("upstreamModel") != "*":
            continue
        if not any(alias.endswith("*") for alias in texts(model.spec.get("aliases"))):
            yield Remark(
                binding.key,
                ("spec", "upstreamModel"),
                f"{model.key} has no alias that ends in *, so this always sends the Model's name",
                "leave upstreamModel out, or give the Model such an alias",
            )


def _output_exceeds_context(files: Declarations) -> Iterator[Remark]:
    for model in files.of_kind("Model"):
        window, output = model.spec.get("contextWindow"), model.spec.get("maxOutputTokens")
        if isinstance(window, int) and isinstance(output, int) and output > window:
            yield Remark(
                model.key,
                ("spec", "maxOutputTokens"),
                f"is {output}, more than the contextWindow of {window} that prompt and answer share",
                "correct one of them",
            )


def _namespace_mismatch(files: Declarations) -> Iterator[Remark]:
    elsewhere: dict[tuple[str, str], list[ResourceKey]] = {}
    for key in sorted(files.declared):
        elsewhere.setdefault((key.kind, key.name), []).append(key)
    for key in sorted(files.declared):
        for reference in references(files.declared[key].resource):
            target = reference.target
            found = elsewhere.get((target.kind, target.name), [])
            if target not in files.declared and found:
                yield Remark(
                    key,
                    reference.field,
                    f'means {target.kind} "{target.name}" of namespace "{target.namespace}"; '
                    f'these files have it in "{found[0].namespace}"',
                    "references stay inside one namespace: correct one of the two",
                )


def _namespace_not_served(files: Declarations) -> Iterator[Remark]:
    told = set()
    for model in files.of_kind("Model"):
        space = model.key.namespace
        if space != DEFAULT_NAMESPACE and space not in told:
            told.add(space)
            yield Remark(
                model.key,
                ("metadata", "namespace"),
                f'the gateway serves the namespace "{DEFAULT_NAMESPACE}" only, so nobody can ask for the Models of "{space}"',
                f'move them to "{DEFAULT_NAMESPACE}"',
            )


ROWS: tuple[Rule, ...] = (
    Rule(
        "redundant-alias",
        Severity.INFO,
        "Model aliases",
        "An alias that another one of the same Model takes already.",
        "Without it clients are answered just the same. Where a Binding's upstreamModel is *, it makes a difference "
        "and is not reported.",
        """\
kind: Model
metadata: {name: phi}
spec: {aliases: ["phi-*", phi-mini]}
""",
        """\
kind: Model
metadata: {name: phi}
spec: {aliases: ["phi-*"]}
""",
        _redundant_alias,
        together=True,
    ),
    Rule(
        "wildcard-takes-nothing",
        Severity.WARNING,
        "Binding upstreamModel",
        'upstreamModel: "*" of a Model that has no alias with a *.',
        "The * stands for what the * of an alias took. Without such an alias it is a longer way to write the Model's name.",
        """\
kind: Model
metadata: {name: phi}
spec: {aliases: [phi-mini]}
---
kind: Binding
metadata: {name: phi-local}
spec: {model: phi, provider: local, upstreamModel: "*"}
""",
        """\
kind: Model
metadata: {name: local}
spec: {aliases: ["local/*"]}
---
kind: Binding
metadata: {name: local}
spec: {model: local, provider: local, upstreamModel: "*"}
""",
        _wildcard_takes_nothing,
        together=True,
    ),
    Rule(
        "output-exceeds-context",
        Severity.WARNING,
        "Model maxOutputTokens, contextWindow",
        "An answer may be longer than prompt and answer together.",
        "Clients that plan by what /v1/models tells ask for more than the model can give. One of the two is a slip.",
        """\
kind: Model
metadata: {name: phi}
spec: {contextWindow: 4096, maxOutputTokens: 8192}
""",
        """\
kind: Model
metadata: {name: phi}
spec: {contextWindow: 8192, maxOutputTokens: 4096}
""",
        _output_exceeds_context,
    ),
    Rule(
        "namespace-mismatch",
        Severity.WARNING,
        "references of Bindings and Providers",
        "A reference to something that these files hold in another namespace.",
        "References stay inside one namespace. Most likely one of the two files lacks its namespace, or was copied.",
        """\
kind: Secret
metadata: {name: keys}
spec: {hosts: [api.openai.com], data: {OPENAI: {valueFrom: {env: OPENAI_API_KEY}}}}
---
kind: Provider
metadata: {name: openai, namespace: team-a}
spec:
  type: openai-compatible
  config:
    baseURL: https://api.openai.com/v1
    apiKey: {valueFrom: {secret: {name: keys, key: OPENAI}}}
""",
        """\
kind: Secret
metadata: {name: keys, namespace: team-a}
spec: {hosts: [api.openai.com], data: {OPENAI: {valueFrom: {env: OPENAI_API_KEY}}}}
---
kind: Provider
metadata: {name: openai, namespace: team-a}
spec:
  type: openai-compatible
  config:
    baseURL: https://api.openai.com/v1
    apiKey: {valueFrom: {secret: {name: keys, key: OPENAI}}}
""",
        _namespace_mismatch,
        together=True,
    ),
    Rule(
        "namespace-not-served",
        Severity.INFO,
        "Model namespace",
        "Models in a namespace that the gateway does not serve.",
        'Clients are served from the namespace "default". Said once for each other namespace.',
        """\
kind: Model
metadata: {name: phi, namespace: team-a}
spec: {}
""",
        """\
kind: Model
metadata: {name: phi}
spec: {}
""",
        _namespace_not_served,
    ),
)
