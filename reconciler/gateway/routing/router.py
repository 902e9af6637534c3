"""From the name a client asks for to the candidates that may serve it."""

from dataclasses import dataclass

from reconciler.field_types import MAX_TEXT
from reconciler.protocol.errors import (
    OpenAIError,
    endpoint_not_served,
    model_missing,
    model_not_found,
    no_candidate,
)
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.endpoints import ENDPOINTS
from reconciler.snapshot.model import Candidate, Namespace, ServedModel


@dataclass(frozen=True, slots=True)
class RoutedCandidate:
    """A candidate with the name its upstream knows the model by."""

    candidate: Candidate
    upstream_model: str


@dataclass(frozen=True, slots=True)
class Routed:
    """`candidates` holds at least one, in the order in which they are tried. `forwarded`: `model` is no configured name."""

    model: str
    candidates: tuple[RoutedCandidate, ...]
    forwarded: bool = False


def route(namespace: Namespace, asked: str | None, endpoint: Endpoint) -> Routed | OpenAIError:
    """Who serves `asked` there, or the default model where none is named; else the answer that says why nobody does."""
    if asked is None:
        asked = namespace.default_model
        if asked is None:
            return model_missing()
    found = find_model(namespace, asked)
    if found is None:
        return _forwarded(namespace, asked, endpoint)
    model, rest = found
    exact = asked in namespace.models
    candidates = tuple(
        RoutedCandidate(candidate, name)
        for candidate in model.candidates
        if (name := _upstream_model(candidate, model, rest, exact=exact))
    )
    able = tuple(each for each in candidates if endpoint in each.candidate.upstream.endpoints)
    if able:
        return Routed(model.name, able)
    if candidates:
        return endpoint_not_served(asked, ENDPOINTS[endpoint].path)
    return model_not_found(asked) if model.candidates else no_candidate(asked)


def _forwarded(namespace: Namespace, asked: str, endpoint: Endpoint) -> Routed | OpenAIError:
    """A name that no model has: to the active provider under that name, where it is to go there."""
    candidate = namespace.forward
    if candidate is None or not _askable(asked):
        return model_not_found(asked, no_active_provider=namespace.forwards and candidate is None)
    if endpoint not in candidate.upstream.endpoints:
        return endpoint_not_served(asked, ENDPOINTS[endpoint].path)
    return Routed(asked, (RoutedCandidate(candidate, asked),), forwarded=True)


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


def _upstream_model(candidate: Candidate, model: ServedModel, rest: str, *, exact: bool) -> str:
    """Empty where a wildcard stood for nothing, so that there is no name to ask the upstream for."""
    if candidate.upstream_model is not None:
        return candidate.upstream_model
    return model.name if exact else rest
