"""A Provider that is to be made, with the Models that it is to serve: from options, a template, or a person's answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import click

from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.creation import new
from reconciler.control.imperative.providing import Around, Linked, activate, link, with_fields
from reconciler.control.manifest.suggestions import suggestion
from reconciler.control.provider_templates import TEMPLATES, Template
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import ResourceKey

FieldPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """`spec` is that of the Provider. active: whether it becomes the active one."""

    name: str
    spec: JsonObject
    models: tuple[Linked, ...] = ()
    active: bool = False

    @property
    def type(self) -> str:
        return str(self.spec.get("type"))

    @property
    def summary(self) -> str:
        """In a line, for who is asked whether it is right."""
        models = f", with {', '.join(each.model for each in self.models)}" if self.models else ""
        return f"Provider {self.name} of type {self.type}{models}"

    def with_fields(self, fields: Mapping[FieldPath, JsonValue]) -> "Draft":
        return replace(self, spec=with_fields(self.spec, fields))

    def rewrites(self, there: Around) -> Rewrites:
        """All of it, to be written at once."""
        key = ResourceKey("Provider", there.namespace, self.name)
        found = {key: new(key, self.spec), **link(self.name, self.models, there, make_models=True)}
        return {**found, **activate(self.name, there.namespace)} if self.active else found


def template_of(name: str | None) -> Template | None:
    """Raises InvalidInput for one that there is not."""
    if name is None:
        return None
    found = TEMPLATES.get(name)
    if found is None:
        close = suggestion(name, TEMPLATES)
        hint = f"did you mean {close}?" if close else f"one of {', '.join(TEMPLATES)}"
        raise InvalidInput(f'there is no template "{name}"', hint=hint)
    return found


def begun(name: str | None, template: Template | None, provider_type: str | None) -> Draft:
    """A draft that says no more than its type and what the template knows. Raises UsageError for too little."""
    if template is None:
        if name is None or provider_type is None:
            raise click.UsageError("say NAME and --type TYPE, or --template TEMPLATE")
        return Draft(name, {"type": provider_type})
    spec = template.spec()
    if provider_type is not None:
        spec["type"] = provider_type
    if name not in (None, template.name):  # a name for people is unique
        spec.pop("displayName")
    return Draft(name or template.name, spec)


def models_of(words: Sequence[str], default: str | None) -> tuple[Linked, ...]:
    """Of each MODEL or MODEL=UPSTREAM. Raises UsageError for a default that is none of them, and for two words on one."""
    found: dict[str, Linked] = {}
    for word in words:
        name, sign, upstream = word.partition("=")
        if not name or (sign and not upstream) or name in found:
            raise click.UsageError(f'--model "{word}": write each once, as MODEL or MODEL=UPSTREAM')
        found[name] = Linked(name, upstream or None)
    if default is not None:
        if default not in found:
            found[default] = Linked(default)
        found[default] = replace(found[default], default=True)
    return tuple(found.values())
