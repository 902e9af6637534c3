"""llama-swap's config.yaml → Findings. Models that it starts itself stay with it, as one Provider; its peers become Providers."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from reconciler.control.importing.collecting import Collector, Draft
from reconciler.control.importing.fields import Fields, duration
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.foreign_types import with_version
from reconciler.control.importing.leftovers import lose_all
from reconciler.control.importing.naming import client_name, variable_of
from reconciler.control.importing.providers import base_url, provider
from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.resource import DEFAULT_NAMESPACE

URL = "http://localhost:8080"
"""Where it listens unless it is told otherwise."""
NAME = "llama-swap"
_TYPE = "openai-compatible"
_ENV = re.compile(r"\$\{env\.([A-Za-z_][A-Za-z0-9_]*)\}")
_MACRO = re.compile(r"\$\{([A-Za-z0-9_.-]+)\}")
_ROUNDS = 10
_STAYS = "llama-swap goes on doing this, for the models that it starts"
_CLIENTS = "clients get keys of their own: routerctl key create, and Settings.spec.auth.dataPlane: keys"
_MODEL: Mapping[str, str] = MappingProxyType(
    {
        "unlisted": "every Model that a client may use is listed",
        "metadata": "a Model has no fields of one's own; labels may hold it",
    }
)
_TOP: Mapping[str, str] = MappingProxyType(
    {
        "includeAliasesInList": "aliases are not listed, and served all the same",
        "metricsMaxInMemory": "metrics are at /metrics of the management listener",
        "captureBuffer": "bodies are kept where Settings.spec.records.bodies says so",
        "macros": "they are written out where they are used",
    }
)


def import_llama_swap(data: JsonObject, origin: str, namespace: str = DEFAULT_NAMESPACE) -> Findings:
    collector = Collector(origin, "llama-swap's config", namespace)
    fields = Fields(data)
    macros = fields.take("macros")
    expand = _Macros(macros if isinstance(macros, dict) else {})
    keys = fields.texts("apiKeys")
    _own(collector, fields.mapping("models"), keys)
    peers = fields.mapping("peers")
    for name in peers.names():
        _peer(collector, name, peers.mapping(name), expand)
    lose_all(collector, peers, {}, "a peer is a mapping of fields")
    for place, key in enumerate(keys):
        if place and _ENV.fullmatch(key) is None:
            collector.leave_secret(f"apiKeys[{place}]", key, _CLIENTS)
    lose_all(collector, fields, _TOP, _STAYS, refers=_is_reference)
    return collector.findings()


class _Macros:
    """Texts with what their macros stand for. Variables of the environment stay."""

    def __init__(self, macros: Mapping[str, JsonValue]) -> None:
        self._macros = {name: str(value) for name, value in macros.items() if isinstance(value, str | int)}

    def __call__(self, text: str) -> str:
        for _ in range(_ROUNDS):
            expanded = _MACRO.sub(lambda found: self._macros.get(found[1], found[0]), text)[:_LONGEST]
            if expanded == text:
                break
            text = expanded
        return text.strip()


_LONGEST = 10_000


def _own(collector: Collector, models: Fields, keys: list[str]) -> None:
    """What it starts: it listens on, and is asked for these models."""
    names = models.names()
    if not names:
        if keys and _ENV.fullmatch(keys[0]) is None:
            collector.leave_secret("apiKeys[0]", keys[0], _CLIENTS)
        return
    draft = provider(collector, collector.providers.another(NAME), _TYPE, "models")
    if draft is None:
        return
    base_url(draft, _TYPE, with_version(URL), "models")
    draft.points.clear()  # the address is none of its fields
    collector.warn(
        f"llama-swap goes on starting the models of its own, and Provider/{draft.key.name} asks it for them at {URL}: "
        "give it another address where it listens elsewhere"
    )
    if keys:
        _key(collector, draft, keys[0], "apiKeys[0]", lambda text: text)
        collector.warn(f"the first of apiKeys is what routerctl asks llama-swap with; {_CLIENTS}")
    for name in names:
        _model(collector, draft, name, models.mapping(name))
    lose_all(collector, models, {}, "a model is a mapping of fields")


def _model(collector: Collector, draft: Draft, name: str, fields: Fields) -> None:
    where = fields.field("cmd")
    if client_name(name) is None:
        collector.lose(where, "its id is no name that a client could ask for")
        fields.rest()
        return
    model = collector.model(name, where)
    model.put("displayName", fields.text("name"), fields.field("name"))
    model.put("description", fields.text("description"), fields.field("description"))
    aliases = _aliases(fields)
    if aliases:
        known = model.spec.get("aliases")
        model.put("aliases", [*(known if isinstance(known, list) else []), *aliases], fields.field("aliases"))
    collector.bind(model, draft, name, where)
    lose_all(collector, fields, _MODEL, _STAYS, refers=_is_reference)


def _aliases(fields: Fields) -> list[JsonValue]:
    """Texts, or mappings with an id."""
    value = fields.take("aliases")
    found = []
    for item in value if isinstance(value, list) else []:
        text = item.get("id") if isinstance(item, dict) else item
        if isinstance(text, str) and client_name(text) is not None:
            found.append(text.strip())
    return [*dict.fromkeys(found)]


def _peer(collector: Collector, name: str, fields: Fields, expand: _Macros) -> None:
    url, key = fields.text("proxy"), fields.text("apiKey")
    field = fields.field("proxy")
    draft = provider(collector, collector.providers.of(name), _TYPE, field) if url else None
    if draft is None or url is None:
        collector.lose(field, "a peer without an address is left out")
        if key is not None and _ENV.fullmatch(key) is None:
            collector.leave_secret(fields.field("apiKey"), key, "its peer is left out")
        lose_all(collector, fields, {}, "its peer is left out")
        return
    base_url(draft, _TYPE, with_version(expand(url)), field)
    if key is not None:
        _key(collector, draft, key, fields.field("apiKey"), expand)
    timeouts = fields.mapping("timeouts")
    for here, there in (("connect", "connectTimeout"), ("responseHeader", "firstByteTimeout")):
        seconds = timeouts.integer(here)
        if seconds is not None:
            draft.put(f"config.{there}", duration(seconds * 1000), timeouts.field(here))
    collector.lose_rest(timeouts, why="the pool of connections has bounds of its own")
    _served(collector, draft, fields)
    lose_all(collector, fields, {}, refers=_is_reference)


def _served(collector: Collector, draft: Draft, fields: Fields) -> None:
    """The models of a peer, and what is changed in requests for them."""
    filters = fields.mapping("filters")
    stripped = [word.strip() for word in (filters.text("stripParams") or "").split(",") if word.strip()]
    sets = filters.mapping("setParams")
    overrides = sets.rest()
    models = fields.texts("models")
    if not models and (stripped or overrides):
        collector.lose(filters.field("stripParams" if stripped else "setParams"), "the peer has no models")
    for model in models:
        if client_name(model) is None:
            collector.lose(fields.field("models"), "a name there is none that a client could ask for")
            continue
        binding = collector.bind(
            collector.model(model, fields.field("models")), draft, model, fields.field("models")
        )
        if stripped:
            binding.put("config.drop", [*stripped], filters.field("stripParams"))
        for parameter, value in overrides.items():
            step = parameter.removeprefix(f"{filters.field('setParams')}.")
            binding.put(("config", "overrides", step), value, parameter)
    collector.lose_rest(filters, why="a Binding changes the requests of one Model at one Provider")


def _key(collector: Collector, draft: Draft, written: str, field: str, expand: Callable[[str], str]) -> None:
    text = expand(written)
    named = _ENV.fullmatch(text)
    if named is not None:
        draft.refer("config.apiKey", named[1], field)
    elif _MACRO.search(text):
        collector.lose(field, "it is put together of macros; write the key, or the variable that holds it")
    else:
        draft.secret("config.apiKey", text, variable_of(draft.key.name), field)


def _is_reference(text: str) -> bool:
    return _MACRO.fullmatch(text) is not None
