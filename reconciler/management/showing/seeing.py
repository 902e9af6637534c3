"""What a principal of some namespaces may not see is refused in words, and says what it has to do with."""

from typing import NoReturn

from starlette.types import Scope

from reconciler.errors import Forbidden
from reconciler.management.doorkeeper import principal
from reconciler.resources.principal import Principal
from reconciler.resources.resource import DEFAULT_NAMESPACE


def require_namespace(who: Principal, namespace: str) -> None:
    """Raises Forbidden where `who` does not see it."""
    if not who.sees(namespace):
        not_seen(who, f"the namespace {namespace}")


def require_everywhere(who: Principal, what: str) -> None:
    """Raises Forbidden for who sees some namespaces only."""
    if who.namespaces is not None:
        not_seen(who, what)


def require_everywhere_of(scope: Scope, what: str) -> None:
    """As require_everywhere, for who asks."""
    require_everywhere(principal(scope), what)


def not_seen(who: Principal, what: str) -> NoReturn:
    seen = ", ".join(sorted(who.namespaces or ()))
    raise Forbidden(
        f"{who.name} may not see {what}: it has to do with {seen or 'no namespace'} alone",
        hint="-n says which namespace is meant" if seen else None,
    )


def namespace_of(subject: str) -> str:
    """Of a resource's key as text: Kind/name, or Kind/namespace/name."""
    parts = subject.split("/")
    return parts[1] if len(parts) > 2 else DEFAULT_NAMESPACE
