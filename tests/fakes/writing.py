"""Writes to a workshop's store, as somebody."""

from collections.abc import Iterable

from fakes.workshop import Workshop

from reconciler.bootstrap.authors import at_this_machine, by_the_listener
from reconciler.bootstrap.writes import LocalWrites
from reconciler.resources.principal import Principal, Role, local_principal
from reconciler.store.url import parse

KEY = {"ROUTERCTL_ENCRYPTION_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}
"""The workshop's."""


def here(shop: Workshop) -> LocalWrites:
    return LocalWrites(parse(str(shop.store)), KEY, shop.clock, at_this_machine(local_principal("ada")))


def someone(role: Role = Role.OPERATOR, *managers: str, namespaces: Iterable[str] | None = None) -> Principal:
    spaces = frozenset(namespaces) if namespaces is not None else None
    return Principal("token:ci", role, frozenset(managers), spaces, address="10.0.0.9", token="id")


def there(shop: Workshop, who: Principal) -> LocalWrites:
    """As the listener does it for who asks."""
    return LocalWrites(parse(str(shop.store)), KEY, shop.clock, by_the_listener(who))
