"""From the name a client asks for to the candidates that may serve it, where no Route has a say."""

from collections.abc import Iterable, Sequence

from reconciler.field_values import MAX_TEXT
from reconciler.protocol.errors import (
    OpenAIError,
    endpoint_not_served,
    model_missing,
    model_not_found,
    no_candidate,
)
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.snapshot.clients import Client
from reconciler.snapshot.model import Candidate, Namespace, Routed, RoutedCandidate, ServedModel

__all__ = ["Routed", "RoutedCandidate", "candidates_of", "find_model", "known_model", "route", "with_rest"]


def route(
    namespace: Namespace, asked: str | None, endpoint: Endpoint, client: Client | None = None
) -> Routed | OpenAIError:
    """Who serves `asked` there, or the default model where none is named; else the answer that says why nobody does.

    What `client` may not use is as if it were not there.
    """
    if asked is None:
        asked = default_of(namespace, client)
        if asked is None:
            return model_missing()
    known = namespace.models.get(asked)
    if known is not None and endpoint in known.everywhere:
        if client is not None and not client.may_use(known.name, asked):
            return model_not_found(asked)
        return known.exact
    found = find_model(namespace, asked)
    if found is None:
        return _forwarded(namespace, asked, endpoint, client)
    model, rest = found
    if client is not None and not client.may_use(model.name, asked):
        return model_not_found(asked)
    candidates = candidates_of(model, None if known is not None else rest)
    able = tuple(each for each in candidates if endpoint in each.candidate.upstream.endpoints)
    if able:
        return Routed(model.name, able, policy=model.policy)
    if candidates:
        return endpoint_not_served(asked, ENDPOINTS[endpoint].path)
    return model_not_found(asked) if model.candidates else no_candidate(asked)


def default_of(namespace: Namespace, client: Client | None) -> str | None:
    """What a request without a name means; None where there is nothing, or nothing that `client` may use."""
    asked = namespace.default_model
    if asked is None or client is None or visible(namespace, asked, client):
        return asked
    return None


def visible(namespace: Namespace, asked: str, client: Client) -> bool:
    """Whether the name leads to a model that `client` may use."""
    found = find_model(namespace, asked)
    return client.may_use(asked if found is None else found[0].name, asked)


def candidates_of(model: ServedModel, rest: str | None) -> Sequence[RoutedCandidate]:
    """With the names that their upstreams are asked for. `rest` is what a wildcard stood for, None without one; where it
    is empty, there may be no name to ask for.
    """
    return model.exact.candidates if rest is None else with_rest(model.candidates, rest)


def with_rest(candidates: Iterable[Candidate], rest: str) -> tuple[RoutedCandidate, ...]:
    """Those that have a name to ask for, where a wildcard stood for `rest`."""
    return tuple(
        RoutedCandidate(candidate, name)
        for candidate in candidates
        if (name := candidate.upstream_model if candidate.upstream_model is not None else rest)
    )


def _forwarded(
    namespace: Namespace, asked: str, endpoint: Endpoint, client: Client | None
) -> Routed | OpenAIError:
    """A name that no model has: to the active provider under that name, where it is to go there."""
    candidate = namespace.forward
    if client is not None and not client.may_use(asked):
        return model_not_found(asked)
    if candidate is None or not _askable(asked):
        return model_not_found(asked, no_active_provider=namespace.forwards and candidate is None)
    if endpoint not in candidate.upstream.endpoints:
        return endpoint_not_served(asked, ENDPOINTS[endpoint].path)
    return Routed(asked, (RoutedCandidate(candidate, asked),), forwarded=True, policy=namespace.policy)


def known_model(namespace: Namespace, asked: str | None) -> str | None:
    """The configured name of the model that is meant, whether anybody serves it or not; None for any other."""
    asked = namespace.default_model if asked is None else asked
    found = None if asked is None else find_model(namespace, asked)
    return None if found is None else found[0].name


def find_model(namespace: Namespace, asked: str) -> tuple[ServedModel, str] | None:
    """As Namespace.find, but a name that no manifest could declare is not even looked up."""
    return namespace.find(asked) if _askable(asked) else None


def _askable(asked: str) -> bool:
    return bool(asked) and len(asked) <= MAX_TEXT and asked.isprintable()
