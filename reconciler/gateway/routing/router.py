"""From the name a client asks for to the candidates that may serve it."""

from dataclasses import dataclass

from reconciler.field_types import MAX_TEXT
from reconciler.protocol.errors import OpenAIError, model_missing, model_not_found, no_candidate
from reconciler.snapshot.model import Candidate, Namespace, ServedModel


@dataclass(frozen=True, slots=True)
class RoutedCandidate:
    """A candidate with the name its upstream knows the model by."""

    candidate: Candidate
    upstream_model: str


@dataclass(frozen=True, slots=True)
class Routed:
    """`candidates` holds at least one, in the order in which they are tried."""

    model: str
    candidates: tuple[RoutedCandidate, ...]


def route(namespace: Namespace, asked: str | None) -> Routed | OpenAIError:
    """Who serves `asked`, or the default model where none is named; else the answer that says why nobody does."""
    if asked is None:
        asked = namespace.default_model
        if asked is None:
            return model_missing()
    found = find_model(namespace, asked)
    if found is None:
        return model_not_found(asked)
    model, rest = found
    exact = asked in namespace.models
    candidates = tuple(
        RoutedCandidate(candidate, name)
        for candidate in model.candidates
        if (name := _upstream_model(candidate, model, rest, exact=exact))
    )
    if candidates:
        return Routed(model.name, candidates)
    return model_not_found(asked) if model.candidates else no_candidate(asked)


def known_model(namespace: Namespace, asked: str | None) -> str | None:
    """The configured name of the model that is meant, whether anybody serves it or not; None for any other."""
    asked = namespace.default_model if asked is None else asked
    found = None if asked is None else find_model(namespace, asked)
    return None if found is None else found[0].name


def find_model(namespace: Namespace, asked: str) -> tuple[ServedModel, str] | None:
    """As Namespace.find, but a name that no manifest could declare is not even looked up."""
    if not asked or len(asked) > MAX_TEXT or not asked.isprintable():
        return None
    return namespace.find(asked)


def _upstream_model(candidate: Candidate, model: ServedModel, rest: str, *, exact: bool) -> str:
    """Empty where a wildcard stood for nothing, so that there is no name to ask the upstream for."""
    if candidate.upstream_model is not None:
        return candidate.upstream_model
    return model.name if exact else rest
