"""Resources in the making. What their kinds do not take is taken out again, and told as a loss."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from pydantic import ValidationError

from reconciler.control.importing.fields import Fields
from reconciler.control.importing.findings import Findings, FoundSecret, Loss, Path, Point
from reconciler.control.importing.naming import Names
from reconciler.control.manifest.document import without_nulls
from reconciler.control.manifest.validate import violations
from reconciler.json_types import JsonObject, JsonValue, same, value_at
from reconciler.resources.resource import DEFAULT_NAMESPACE, Resource, ResourceKey
from reconciler.resources.specs import spec_adapter
from reconciler.secrets.value import SecretValue

T = TypeVar("T")
_NOT_KNOWN = "routerctl has nothing that it would be"
_ROUNDS = 200
"""Fields that may turn out wrong, one after the other."""


class Draft:
    """One resource. `put` says which field of the source a value comes from."""

    def __init__(self, collector: "Collector", key: ResourceKey, field: str) -> None:
        self.key = key
        self.field = field
        self.spec: JsonObject = {}
        self.points: list[Point] = []
        self.secrets: list[FoundSecret] = []
        self._collector = collector

    def put(self, path: str | tuple[str, ...], value: JsonValue, field: str | None = None) -> None:
        """`path` below spec, with dots or in its steps. Without `field` the value is the importer's own, and no point to compare."""
        if value is None:
            return
        steps = tuple(path.split(".")) if isinstance(path, str) else path
        if isinstance(value, dict):
            value = without_nulls(value)
        self._set(steps, value)
        if field is not None:
            self.points.append(Point(self._collector.origin, field, self.key, steps, value))

    def refer(self, path: str, variable: str, field: str | None = None) -> None:
        """A secret that the source itself has in a variable of the environment."""
        self.put(path, {"valueFrom": {"env": variable}}, field)

    def secret(self, path: str, text: str, variable: str, field: str) -> None:
        """A secret that the source holds in plain text."""
        steps = tuple(path.split("."))
        self._set(steps, {"valueFrom": {"env": variable}})
        origin = self._collector.origin
        self.secrets.append(FoundSecret(origin, field, SecretValue(text), self.key, steps, variable))

    def drop(self, path: Path) -> bool:
        """Takes out the innermost thing at `path` that is there. False where there is nothing but the whole."""
        holders: list[tuple[JsonObject, str]] = []
        holder: JsonValue = self.spec
        for step in path:
            if not isinstance(holder, dict) or step not in holder:
                break
            holders.append((holder, str(step)))
            holder = holder[str(step)]
        for depth, (inner, name) in reversed(list(enumerate(holders))):
            if depth == len(holders) - 1 or (depth and inner[name] == {}):
                del inner[name]
        return bool(holders)

    def resource(self) -> Resource:
        return Resource(self.key, self.spec)

    def _set(self, steps: tuple[str, ...], value: JsonValue) -> None:
        holder = self.spec
        for step in steps[:-1]:
            inner = holder.setdefault(step, {})
            if not isinstance(inner, dict):
                return
            holder = inner
        holder[steps[-1]] = value


class Collector:
    """What one importer finds in one `origin`."""

    def __init__(self, origin: str, form: str, namespace: str = DEFAULT_NAMESPACE) -> None:
        self.origin = origin
        self.form = form
        self.providers, self.models, self.routes = Names(), Names(), Names()
        self.descriptions: dict[str, str] = {}
        self._namespace = namespace
        self._bindings = Names()
        self._drafts: dict[ResourceKey, Draft] = {}
        self._losses: list[Loss] = []
        self._warnings: list[str] = []
        self._secrets: list[FoundSecret] = []

    def draft(self, kind: str, name: str, field: str) -> Draft:
        key = ResourceKey(kind, self._namespace, name)
        return self._drafts.setdefault(key, Draft(self, key, field))

    def get(self, kind: str, name: str) -> Draft | None:
        return self._drafts.get(ResourceKey(kind, self._namespace, name))

    def settings(self, field: str) -> Draft:
        return self.draft("Settings", "default", field)

    def model(self, text: str, field: str) -> Draft:
        """What clients ask for by `text`: by its name where that can be one, else by an alias."""
        name = self.models.of(text)
        known = self.get("Model", name)
        draft = self.draft("Model", name, field)
        if known is None and name != text:
            draft.put("aliases", [text], field)
        return draft

    def bind(self, model: Draft, provider: Draft, upstream: str, field: str) -> Draft:
        """The Binding of the pair."""
        name = self._bindings.of(f"{model.key.name}-{provider.key.name}")
        draft = self.draft("Binding", name, field)
        if not draft.spec:
            draft.put("model", model.key.name)
            draft.put("provider", provider.key.name)
            if upstream != model.key.name:
                draft.put("upstreamModel", upstream, field)
        return draft

    def bound(self, model: str, provider: str) -> Draft | None:
        wanted = {"model": model, "provider": provider}
        drafts = (draft for key, draft in self._drafts.items() if key.kind == "Binding")
        return next((draft for draft in drafts if wanted.items() <= draft.spec.items()), None)

    def of_kind(self, kind: str) -> list[Draft]:
        return [draft for key, draft in self._drafts.items() if key.kind == kind]

    def lose(self, field: str, why: str) -> None:
        self._losses.append(Loss(self.origin, field, why))

    def lose_rest(
        self, fields: Fields, known: Mapping[str, str] | None = None, why: str = _NOT_KNOWN
    ) -> None:
        """All that nobody took. `known`: reasons by the last part of the name."""
        for field in fields.rest():
            self.lose(field, (known or {}).get(field.rpartition(".")[2], why))

    def warn(self, text: str) -> None:
        self._warnings.append(text)

    def leave_secret(self, field: str, text: str, why: str) -> None:
        """A secret in plain text that is not carried over."""
        self._secrets.append(FoundSecret(self.origin, field, SecretValue(text)))
        self.lose(field, why)

    def adopt(self, findings: Findings) -> None:
        """All that another collector found. What is here already counts."""
        for resource in findings.resources:
            if resource.key in self._drafts:
                if resource.key.kind == "Settings":
                    self._add(self._drafts[resource.key], resource, findings)
                if not same(self._drafts[resource.key].spec, resource.spec):
                    self.warn(f"{resource.key} stands in several sources, and differs: the first one counts")
                    self._differ(resource.key, findings)
                continue
            draft = Draft(self, resource.key, str(resource.key))
            draft.spec = copy.deepcopy(resource.spec)
            draft.points = [each for each in findings.points if each.key == resource.key]
            draft.secrets = [each for each in findings.secrets if each.key == resource.key]
            self._yield_default(draft)
            self._drafts[resource.key] = draft
        placed = [each for draft in self._drafts.values() for each in draft.secrets]
        left = [each for each in findings.secrets if each not in placed]
        self._secrets += [FoundSecret(each.origin, each.field, each.value) for each in left]
        self._losses += findings.losses
        self._warnings += findings.warnings
        self.descriptions.update(findings.descriptions)

    def _add(self, draft: Draft, resource: Resource, findings: Findings) -> None:
        """What another source says of the one Settings, and the first does not."""
        new = {name: value for name, value in resource.spec.items() if name not in draft.spec}
        draft.spec |= copy.deepcopy(new)
        draft.points += [each for each in findings.points if each.key == draft.key and each.path[0] in new]

    def _yield_default(self, draft: Draft) -> None:
        """A Provider has one default: the first source's."""
        wanted = {"provider": draft.spec.get("provider"), "default": True}
        holders = [each.key for each in self.of_kind("Binding") if wanted.items() <= each.spec.items()]
        if draft.spec.get("default") is True and holders and draft.drop(("default",)):
            self._tell(draft, ("default",), f"{holders[0]} of another source is the default")

    def _differ(self, key: ResourceKey, findings: Findings) -> None:
        """Each field of another source that is not what counts."""
        spec = self._drafts[key].spec
        for point in findings.points:
            if point.key == key and not same(value_at(spec, tuple(map(str, point.path))), point.value):
                why = f"{key} is that of another source, which says otherwise"
                self._losses.append(Loss(point.origin, point.field, why))

    def findings(self) -> Findings:
        """Every resource valid, and all of them together."""
        for draft in list(self._drafts.values()):
            self._fit(draft)
        self._settle()
        drafts = list(self._drafts.values())
        return Findings(
            (f"{self.origin}: {self.form}",),
            tuple(draft.resource() for draft in drafts),
            tuple(self._secrets) + _each(draft.secrets for draft in drafts),
            tuple(self._losses),
            tuple(self._warnings),
            _each(draft.points for draft in drafts),
            self.descriptions,
        )

    def _fit(self, draft: Draft) -> None:
        for _ in range(_ROUNDS):
            fault = _fault(draft)
            if fault is None:
                return
            path, why = fault
            if not draft.drop(path):
                self._give_up(draft, why)
                return
            self._tell(draft, path, why)
        self._give_up(draft, "too much of it is not as it should be")

    def _settle(self) -> None:
        """What refers to something that is not there, or claims what another has, goes without it."""
        for _ in range(_ROUNDS):
            broken = violations({key: draft.resource() for key, draft in self._drafts.items()})
            if not broken:
                return
            first = broken[0]
            draft = self._drafts[first.key]
            path = first.field[1:]
            if (
                self._aliases_go(draft, path, first.other)
                or self._out_of_list(draft, path)
                or (_may_go(draft, path) and draft.drop(path))
            ):
                self._tell(draft, path, first.message)
                self._fit(draft)
            else:
                self._give_up(draft, first.message)

    def _aliases_go(self, draft: Draft, path: Path, other: ResourceKey | None) -> bool:
        """Those alone that are another Model's, or stand twice."""
        written = draft.spec.get("aliases")
        holder = self._drafts.get(other) if other is not None else None
        if path != ("aliases",) or not isinstance(written, list) or holder is None:
            return False
        taken = [holder.key.name, *_texts(holder.spec.get("aliases") if holder is not draft else None)]
        left = [alias for alias in dict.fromkeys(_texts(written)) if alias not in taken]
        draft.spec["aliases"] = [*left]
        if not left:
            del draft.spec["aliases"]
        return len(left) < len(written)

    def _out_of_list(self, draft: Draft, path: Path) -> bool:
        """Of a list of targets or aliases the one alone."""
        items = draft.spec.get(str(path[0])) if path else None
        if len(path) < 2 or not isinstance(items, list) or not isinstance(path[1], int):
            return False
        del items[path[1]]
        if not items:
            del draft.spec[str(path[0])]
        return bool(items) or draft.key.kind != "Route"

    def _give_up(self, draft: Draft, why: str) -> None:
        """The resource is left out, and so are its secrets, which stay among those to rotate."""
        self._drafts.pop(draft.key, None)
        self._secrets += [FoundSecret(each.origin, each.field, each.value) for each in draft.secrets]
        self.lose(draft.field, f"{draft.key} is left out: {why}")

    def _tell(self, draft: Draft, path: Path, why: str) -> None:
        gone = [point for point in draft.points if _within(point.path, path)]
        left = [_as_it_is(draft, point) for point in gone if len(point.path) <= len(path)]
        draft.points = [point for point in draft.points if point not in gone] + [
            each for each in left if each is not None
        ]
        lost = [each for each in draft.secrets if _within(each.path, path)]
        draft.secrets = [each for each in draft.secrets if each not in lost]
        self._secrets += [FoundSecret(each.origin, each.field, each.value) for each in lost]
        told = [(point.origin, point.field) for point in gone] + [(each.origin, each.field) for each in lost]
        for origin, field in told or [(self.origin, draft.field)]:
            self._losses.append(Loss(origin, field, f"{draft.key} does not take it: {why}"))


def _texts(value: JsonValue) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _as_it_is(draft: Draft, point: Point) -> Point | None:
    """A point of which a part was taken out: what is left counts."""
    value = value_at(draft.spec, tuple(map(str, point.path)))
    return None if value is None else replace(point, value=value)


def _may_go(draft: Draft, path: Path) -> bool:
    """A Binding without its model or provider is none."""
    return bool(path) and draft.key.kind != "Binding"


def _within(path: Path, outer: Path) -> bool:
    shorter = min(len(path), len(outer))
    return path[:shorter] == outer[:shorter]


def _fault(draft: Draft) -> tuple[Path, str] | None:
    """The first thing that its kind does not take, and why. Words of the kinds repeat no value."""
    try:
        spec_adapter(draft.key.kind).validate_python(draft.spec)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        path = first["loc"]
        if path and path[0] == draft.spec.get("type"):
            path = path[1:]
        missing = first["type"] == "missing"
        return () if missing else path, f"{'.'.join(map(str, path))}: {first['msg']}" if path else first[
            "msg"
        ]
    return None


def _each(groups: Iterable[Iterable[T]]) -> tuple[T, ...]:
    return tuple(item for group in groups for item in group)
