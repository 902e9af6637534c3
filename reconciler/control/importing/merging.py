"""Findings of several sources → those of all: what two of them declare is the first one's."""

from collections.abc import Sequence
from dataclasses import replace

from reconciler.control.importing.collecting import Collector
from reconciler.control.importing.env import DASHSCOPE_NAME
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.naming import variable_of
from reconciler.control.importing.renaming import renamed
from reconciler.json_types import value_at
from reconciler.resources.resource import DEFAULT_NAMESPACE
from reconciler.secrets.value import SecretValue

_LONGEST = 4096
_KEPT_NAME = "qwen-direct-default"
_ENDINGS = ("COOKIES_TOKEN", "TOKEN", "")
"""How a variable with a name of its own ends, the first that fits; the last one stands for a key."""


def merged(sources: Sequence[Findings], namespace: str = DEFAULT_NAMESPACE) -> Findings:
    profiles = [each.forms[0].partition(": ")[0] for each in sources if each.descriptions]
    collector = Collector(profiles[0] if profiles else "", "", namespace)
    for each in _of_one_name(sources):
        collector.adopt(each)
    used: set[str] = set()
    for draft in collector.of_kind("Model"):
        aliases = draft.spec.get("aliases")
        for name in (draft.key.name, *(aliases if isinstance(aliases, list) else [])):
            words = collector.descriptions.get(str(name))
            if words is not None:
                used.add(words)
                if "description" not in draft.spec:
                    draft.put("description", words[:_LONGEST])
    for name, words in collector.descriptions.items():
        if words not in used:
            collector.lose(
                f"model_profiles.{name}", "no Model of that name is declared that it could describe"
            )
            used.add(words)
    _name_variables(collector)
    whole = collector.findings()
    return replace(whole, forms=tuple(form for each in sources for form in each.forms), descriptions={})


def _of_one_name(sources: Sequence[Findings]) -> Sequence[Findings]:
    """The provider-router kept its key for DashScope as `qwen-direct-default`, in a database where it had one: a file's
    Provider of that key is the same. Where the database means the web session by that name, it is another.
    """
    kept = {
        resource.spec.get("type")
        for each in sources
        for resource in each.resources
        if (resource.key.kind, resource.key.name) == ("Provider", _KEPT_NAME)
    }
    if kept != {"dashscope"}:
        return sources
    return [
        renamed(each, {DASHSCOPE_NAME: _KEPT_NAME}) if DASHSCOPE_NAME in _providers(each) else each
        for each in sources
    ]


def _providers(findings: Findings) -> set[str]:
    return {each.key.name for each in findings.resources if each.key.kind == "Provider"}


def _name_variables(collector: Collector) -> None:
    """Each variable stands for one value: who would share one with another value gets a name of its own."""
    held: dict[str, SecretValue | None] = {}
    drafts = collector.of_kind("Provider")
    for draft in drafts:
        own = {each.variable for each in draft.secrets}
        for path in (("config", "apiKey"), ("config", "token"), ("config", "cookies")):
            variable = value_at(draft.spec, (*path, "valueFrom", "env"))
            if isinstance(variable, str) and variable not in own:
                held[variable] = None
    for draft in drafts:
        for place, secret in enumerate(draft.secrets):
            variable = secret.variable or ""
            if variable in held and held[variable] != secret.value:
                ending = next(each for each in _ENDINGS if variable.endswith(each) or not each)
                variable = variable_of(draft.key.name, f"IMPORTED_{ending or 'API_KEY'}")
                draft.secrets[place] = replace(secret, variable=variable)
                draft.put(secret.path, {"valueFrom": {"env": variable}})
            held[variable] = secret.value
