"""Rules that hold between resources. Each rule is one function over all resources; RULES is the whole list."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.json_types import JsonValue, value_at
from reconciler.resources.references import references
from reconciler.resources.resource import DEFAULT_NAMESPACE, Resource, ResourceKey

Resources = Mapping[ResourceKey, Resource]
DEFAULT_MODEL = ("spec", "defaultModel")
GUARDS = ("auth", "cors", "egress", "healthWebhook", "records", "retention")
"""Fields of Settings that count for the whole gateway."""


@dataclass(frozen=True, slots=True)
class Violation:
    """`key` breaks a rule at `field`. `dangling` is the resource that it refers to in vain; `other` a resource it clashes with."""

    key: ResourceKey
    field: tuple[str | int, ...]
    message: str
    hint: str | None = None
    dangling: ResourceKey | None = None
    other: ResourceKey | None = None


def violations(resources: Resources) -> list[Violation]:
    """Every broken rule, in the order of RULES, then of keys."""
    return [violation for rule in RULES for violation in rule(resources)]


def _references_exist(resources: Resources) -> Iterator[Violation]:
    for key in sorted(resources):
        for reference in references(resources[key]):
            target = resources.get(reference.target)
            if target is None:
                yield Violation(
                    key,
                    reference.field,
                    f"refers to {reference.target}, which does not exist",
                    "declare it, or correct the name",
                    dangling=reference.target,
                )
            elif reference.entry is not None and value_at(target.spec, ("data", reference.entry)) is None:
                yield Violation(
                    key,
                    reference.field,
                    f'refers to key "{reference.entry}" of {reference.target}, which has no such key',
                    "add the key to its data, or correct the name",
                    dangling=reference.target,
                )


def _one_settings(resources: Resources) -> Iterator[Violation]:
    for key in sorted(resources):
        if key.kind == "Settings" and key.name != "default":
            yield Violation(
                key, ("metadata", "name"), 'Settings are always named "default"', "write name: default"
            )


def _guards_are_of_the_default_namespace(resources: Resources) -> Iterator[Violation]:
    for key in sorted(resources):
        if key.kind != "Settings" or key.namespace == DEFAULT_NAMESPACE:
            continue
        for field in GUARDS:
            if field in resources[key].spec:
                yield Violation(
                    key,
                    ("spec", field),
                    "counts for the whole gateway, so only the Settings of the namespace default may say it",
                    "write it there, or leave it out",
                )


def _all_pages_need_keys(resources: Resources) -> Iterator[Violation]:
    """Else any page that somebody looks at could spend the owner's money."""
    key = ResourceKey("Settings", DEFAULT_NAMESPACE, "default")
    spec = resources[key].spec if key in resources else {}
    origins = value_at(spec, ("cors", "origins"))
    if isinstance(origins, list) and "*" in origins and value_at(spec, ("auth", "dataPlane")) != "keys":
        yield Violation(
            key,
            ("spec", "cors", "origins"),
            "lets the pages of all origins in, and clients need no keys",
            "write auth: {dataPlane: keys}, or name the origins",
        )


def _default_model_is_served(resources: Resources) -> Iterator[Violation]:
    exact, wildcards = _client_names(resources)
    for key in sorted(resources):
        asked = resources[key].spec.get("defaultModel") if key.kind == "Settings" else None
        if not isinstance(asked, str) or (key.namespace, asked) in exact:
            continue
        if any(namespace == key.namespace and asked.startswith(prefix) for namespace, prefix in wildcards):
            continue
        target = ResourceKey("Model", key.namespace, asked)
        yield Violation(
            key,
            DEFAULT_MODEL,
            "names no Model and no alias",
            "declare the Model, or correct the name",
            dangling=target,
        )


def _client_names(
    resources: Resources,
) -> tuple[dict[tuple[str, str], ResourceKey], dict[tuple[str, str], ResourceKey]]:
    """((namespace, name) → Model, (namespace, prefix) → Model) of all names and aliases."""
    exact: dict[tuple[str, str], ResourceKey] = {}
    wildcards: dict[tuple[str, str], ResourceKey] = {}
    for key in sorted(resources):
        if key.kind != "Model":
            continue
        exact.setdefault((key.namespace, key.name), key)
        for alias in _texts(resources[key].spec.get("aliases")):
            if alias.endswith("*"):
                wildcards.setdefault((key.namespace, alias[:-1]), key)
            else:
                exact.setdefault((key.namespace, alias), key)
    return exact, wildcards


def _client_names_are_claimed_once(resources: Resources) -> Iterator[Violation]:
    claims: dict[tuple[str, str], ResourceKey] = {
        (key.namespace, key.name): key for key in sorted(resources) if key.kind == "Model"
    }
    for key in sorted(resources):
        if key.kind != "Model":
            continue
        for position, alias in enumerate(_texts(resources[key].spec.get("aliases"))):
            first = claims.setdefault((key.namespace, alias), key)
            repeated = first == key and alias in _texts(resources[key].spec.get("aliases"))[:position]
            if first != key or repeated or alias == key.name:
                where = "this Model itself" if first == key else str(first)
                yield Violation(
                    key,
                    ("spec", "aliases"),
                    f'alias "{alias}" is already a name of {where}',
                    "a name that clients ask for belongs to one Model",
                    other=first,
                )


def _one_binding_a_pair(resources: Resources) -> Iterator[Violation]:
    first: dict[tuple[str, JsonValue, JsonValue], ResourceKey] = {}
    for key in sorted(resources):
        if key.kind != "Binding":
            continue
        spec = resources[key].spec
        model, provider = spec.get("model"), spec.get("provider")
        if not isinstance(model, str) or not isinstance(provider, str):
            continue  # of a manifest with errors
        holder = first.setdefault((key.namespace, model, provider), key)
        if holder != key:
            yield Violation(
                key,
                ("spec",),
                f"binds the same model and provider as {holder}",
                "keep one of them",
                other=holder,
            )


def _one_default_a_provider(resources: Resources) -> Iterator[Violation]:
    first: dict[tuple[str, JsonValue], ResourceKey] = {}
    for key in sorted(resources):
        spec = resources[key].spec
        provider = spec.get("provider")
        if key.kind != "Binding" or spec.get("default") is not True or not isinstance(provider, str):
            continue
        holder = first.setdefault((key.namespace, provider), key)
        if holder != key:
            yield Violation(
                key,
                ("spec", "default"),
                f"is the default of {ResourceKey('Provider', key.namespace, provider)}, as {holder} is",
                "a Provider has at most one default; keep one of them",
                other=holder,
            )


def _names_differ_in_more_than_case(resources: Resources) -> Iterator[Violation]:
    first: dict[tuple[str, str, str], ResourceKey] = {}
    for key in sorted(resources):
        holder = first.setdefault((key.kind, key.namespace, key.name.lower()), key)
        if holder != key:
            yield Violation(
                key,
                ("metadata", "name"),
                f"differs from {holder} only in case",
                "give one of them another name",
                other=holder,
            )


def _display_names_are_unique(resources: Resources) -> Iterator[Violation]:
    holders: dict[tuple[str, str], list[ResourceKey]] = defaultdict(list)
    for key in sorted(resources):
        shown = resources[key].spec.get("displayName") if key.kind == "Provider" else None
        if isinstance(shown, str):
            holders[key.namespace, shown].append(key)
    for keys in holders.values():
        for key in keys[1:]:
            yield Violation(
                key,
                ("spec", "displayName"),
                f"is also the displayName of {keys[0]}",
                "a Provider's displayName is unique in its namespace",
                other=keys[0],
            )


def _key_ids_are_of_one_client(resources: Resources) -> Iterator[Violation]:
    first: dict[str, ResourceKey] = {}
    for key in sorted(resources):
        keys = resources[key].spec.get("keys") if key.kind == "ClientKey" else None
        for position, each in enumerate(keys if isinstance(keys, list) else ()):
            id_ = each.get("id") if isinstance(each, dict) else None
            holder = first.setdefault(id_, key) if isinstance(id_, str) else key
            if holder != key:
                yield Violation(
                    key,
                    ("spec", "keys", position, "id"),
                    f"is also the id of a key of {holder}",
                    "a key belongs to one ClientKey, in all namespaces; make another with routerctl key create",
                    other=holder,
                )


def _texts(value: JsonValue) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


RULES: tuple[Callable[[Resources], Iterator[Violation]], ...] = (
    _one_settings,
    _guards_are_of_the_default_namespace,
    _all_pages_need_keys,
    _names_differ_in_more_than_case,
    _references_exist,
    _default_model_is_served,
    _client_names_are_claimed_once,
    _one_binding_a_pair,
    _one_default_a_provider,
    _display_names_are_unique,
    _key_ids_are_of_one_client,
)
