"""LiteLLM's model_list → Models, Bindings and Providers: several items of one model_name are one Model with many Bindings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from reconciler.control.importing.collecting import Collector, Draft
from reconciler.control.importing.env import retries
from reconciler.control.importing.fields import Fields, duration
from reconciler.control.importing.litellm_providers import PREFIXES, Upstream, split
from reconciler.control.importing.naming import client_name, variable_of
from reconciler.control.importing.providers import base_url, provider
from reconciler.json_types import JsonValue, value_at

ENVIRON = "os.environ/"
PARAMETERS = (
    "temperature", "top_p", "top_k", "max_tokens", "max_completion_tokens", "frequency_penalty", "presence_penalty", "seed",
    "stop", "response_format", "reasoning_effort", "parallel_tool_calls", "logit_bias", "user", "dimensions", "extra_body",
)  # fmt: skip
"""Of litellm_params, those that are the request's own: what a client leaves out."""
_MILLION = Decimal(1_000_000)
_PRICES = (
    ("input", "input_cost_per_token"),
    ("output", "output_cost_per_token"),
    ("cachedInput", "cache_read_input_token_cost"),
)
_SIZES = (("contextWindow", ("max_input_tokens",)), ("maxOutputTokens", ("max_output_tokens", "max_tokens")))
_REASONS = {
    "mode": "a Model serves whatever endpoint it is asked at",
    "api_version": "the base URL says the version",
    "tags": "a Route matches headers and clients, and no tags",
    "drop_params": "config.drop of a Binding names what is taken out",
    "id": "a Binding is named by its Model and Provider",
    "base_model": "prices are the Model's own: pricing",
}
_SUPPORTS = "capabilities would pass the Model over for all that is not listed; list all of them to have that"


@dataclass(slots=True)
class Deployments:
    """What was made so far. `environ`: for base URLs that are variables."""

    collector: Collector
    environ: Mapping[str, str]
    providers: dict[tuple[str, ...], Draft] = field(default_factory=dict)

    def add(self, item: Fields) -> None:
        name, params, info = (
            item.text("model_name"),
            item.mapping("litellm_params"),
            item.mapping("model_info"),
        )
        where = item.field("model_name")
        written, told = params.text("model"), params.text("custom_llm_provider")
        if name is None or written is None or client_name(name) is None:
            self._leave(
                item, params, info, "model_name or litellm_params.model is missing, or can't be asked for"
            )
            return
        prefix, upstream = split(written, told)
        row = PREFIXES.get(prefix)
        if row is None:
            self._leave(
                item, params, info, f"no provider type stands for {prefix} yet; the deployment is left out"
            )
            return
        if "*" in upstream and upstream != "*":
            self._leave(
                item,
                params,
                info,
                "an upstream name with a * inside has no form here; bind its models one by one",
            )
            return
        draft = self._provider(prefix, row, name, params, upstream)
        if draft is None:
            self._leave(item, params, info, "it says no usable api_base; the deployment is left out")
            return
        model = self.collector.model(name, where)
        binding = self.collector.bind(model, draft, upstream, params.field("model"))
        self._binding(binding, params)
        self._model(model, params, info)
        self.collector.lose_rest(params, _REASONS)
        self._info(info)
        self.collector.lose_rest(item)

    def _leave(self, item: Fields, params: Fields, info: Fields, why: str) -> None:
        self.collector.lose(item.field("model_name"), why)
        key = params.text("api_key")
        if key is not None and not key.startswith(ENVIRON):
            self.collector.leave_secret(params.field("api_key"), key, "its deployment is left out")
        for rest in (params, info, item):
            self.collector.lose_rest(rest, why="its deployment is left out")

    def _provider(
        self, prefix: str, row: Upstream, model: str, params: Fields, upstream: str
    ) -> Draft | None:
        """One that speaks with the same place under the same key and bounds, and does not serve the model yet."""
        url = self._url(params) or row.url
        if url is None:
            return None
        key = params.text("api_key")
        identity = [prefix, url, key or row.variable or ""]
        own = [
            str(params.take(name) or "")
            for name in ("organization", "timeout", "stream_timeout", "max_retries")
        ]
        headers = params.take("extra_headers")
        bounds = [params.integer(name) for name in ("rpm", "tpm", "max_parallel_requests")]
        identity += [*own, repr(headers), upstream if any(bounds) else ""]
        shared = self.providers.get(tuple(identity))
        if shared is not None and not any(bounds) and self._free(shared, model):
            return shared
        draft = provider(self.collector, self._name(prefix, row, url), row.type, params.field("model"))
        if draft is None:
            return None
        base_url(draft, row.type, url, params.field("api_base"))
        self._key(draft, key, row, params)
        self._bounds(draft, own, headers, bounds, params)
        self.providers[tuple(identity)] = draft
        return draft

    def _free(self, shared: Draft, model: str) -> bool:
        known = self.collector.models.known(model)
        return known is None or self.collector.bound(known, shared.key.name) is None

    def _name(self, prefix: str, row: Upstream, url: str) -> str:
        host = _host(url) if url != row.url else None
        return self.collector.providers.another(f"{prefix}-{host}" if host else prefix)

    def _url(self, params: Fields) -> str | None:
        url = params.text("api_base") or params.text("base_url")
        if url is None or not url.startswith(ENVIRON):
            return url
        name = url.removeprefix(ENVIRON)
        value = self.environ.get(name)
        if value is None:
            self.collector.lose(
                params.field("api_base"), f"a base URL is written out; set {name} and import again"
            )
        else:
            self.collector.warn(
                f"{params.field('api_base')}: written out as {name} has it now; a base URL is no variable"
            )
        return value

    def _key(self, draft: Draft, key: str | None, row: Upstream, params: Fields) -> None:
        if key is None:
            if row.variable is not None:
                draft.refer("config.apiKey", row.variable)
        elif key.startswith(ENVIRON):
            draft.refer("config.apiKey", key.removeprefix(ENVIRON), params.field("api_key"))
        else:
            draft.secret("config.apiKey", key, variable_of(draft.key.name), params.field("api_key"))

    def _bounds(
        self, draft: Draft, own: list[str], headers: JsonValue, bounds: list[int | None], params: Fields
    ) -> None:
        organization, timeout, stream_timeout, again = own
        if organization:
            draft.put("config.headers.OpenAI-Organization", organization, params.field("organization"))
        draft.put("config.timeout", seconds(timeout), params.field("timeout"))
        draft.put("config.firstByteTimeout", seconds(stream_timeout), params.field("stream_timeout"))
        if again.isdecimal():
            retries(self.collector, draft, int(again) + 1, None, (params.field("max_retries"), ""))
        if isinstance(headers, dict):
            for name, value in headers.items():
                draft.put(("config", "headers", name), str(value), params.field("extra_headers"))
        names = ("requestsPerMinute", "tokensPerMinute", "maxConcurrent")
        for name, source, value in zip(names, ("rpm", "tpm", "max_parallel_requests"), bounds, strict=True):
            draft.put(f"limits.{name}", value, params.field(source))

    def _binding(self, binding: Draft, params: Fields) -> None:
        weight, order = params.integer("weight"), params.integer("order")
        binding.put("weight", weight, params.field("weight"))
        if order is not None:
            binding.put("priority", -order, params.field("order"))
        for name in PARAMETERS:
            if name in params:
                binding.put(("config", "defaults", name), params.take(name), params.field(name))

    def _model(self, model: Draft, params: Fields, info: Fields) -> None:
        for name, here in _PRICES:
            for fields in (params, info):
                written = fields.text(here)
                self._first(
                    model, ("pricing", name), a_million(written), fields.field(here), told=written is not None
                )
        for name, names in _SIZES:
            for here in names:
                size = info.integer(here)
                self._first(model, (name,), size, info.field(here), told=size is not None)

    def _first(
        self, model: Draft, path: tuple[str, ...], value: str | int | None, field: str, *, told: bool
    ) -> None:
        """A Model says it once: what its first deployment says."""
        known = value_at(model.spec, path)
        if known is None:
            model.put(path, value, field)
        if told and (value is None or known not in (None, value)):
            self.collector.lose(field, "the Model says another already, or it is no number")

    def _info(self, info: Fields) -> None:
        for name in info.names():
            why = (
                _SUPPORTS if name.startswith("supports_") else _REASONS.get(name, "a Model has no such field")
            )
            if info.take(name) is not None:
                self.collector.lose(info.field(name), why)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:  # the kind says what is wrong with it
        return None


def seconds(text: str | None) -> str | None:
    """A number of seconds, with a fraction or without, as a duration."""
    number = _decimal(text)
    return None if number is None else duration(int(min(number, Decimal(10) ** 8) * 1000))


def a_million(text: str | None) -> str | None:
    """Dollars a token → dollars a million tokens, exactly."""
    number = _decimal(text)
    if number is None or number < 0:
        return None
    price = (number * _MILLION).quantize(Decimal("1.000000000")).normalize()
    return f"{price:f}"


def _decimal(text: str | None) -> Decimal | None:
    try:
        number = Decimal(text) if text else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() and abs(number) < 10**9 else None
