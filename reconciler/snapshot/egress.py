"""Where upstreams may be: Settings.egress of the namespace `default`, as compiled. Pure; who connects asks it.

A host that is an address, or whose name alone is refused, is decided at compile, and its Provider refused. What a name
leads to is known when a connection is made, and decided then.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.provider_types.destinations import (
    METADATA_NAMES,
    Address,
    Network,
    Zone,
    faces,
    kind_of,
    literal,
    plain_host,
    worst,
)
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey, StoredResource

EGRESS_DENIED = "EgressDenied"
"""The cause of such a refusal, as `errors` has reasons."""

_DENIED = "Settings.egress.deny names it"
_LOOPBACK = ip_address("127.0.0.1"), ip_address("::1")
_PORTS = {"http": 80, "https": 443}


class Place(NamedTuple):
    """Where a connection is to go, as a base URL says it. `host` is plain: lower case, no brackets, no final dot."""

    host: str
    port: int

    @classmethod
    def of(cls, host: str, port: int) -> "Place":
        return cls(plain_host(host), port)

    def entry(self) -> JsonObject:
        """The entry of `allow` that names it."""
        address = literal(self.host)
        where: JsonObject = {"host": self.host} if address is None else {"network": str(faces(address)[0])}
        return {**where, "ports": [self.port]}


class Denial(NamedTuple):
    """Why a connection is not made. `entry`: what `allow` would have to say; None where nothing helps."""

    reason: str
    entry: JsonObject | None = None

    def __str__(self) -> str:
        if self.entry is None:
            return self.reason
        return f"{self.reason}; to allow it, add to spec.egress.allow of Settings/default: {entry_line(self.entry)}"


@dataclass(frozen=True, slots=True)
class Entry:
    """`suffix` is ".example.com" where all below a name is meant. `ports` None: all."""

    host: str | None = None
    suffix: str | None = None
    network: Network | None = None
    ports: frozenset[int] | None = None

    def names(self, place: Place) -> bool:
        """By its host's name."""
        if self.ports is not None and place.port not in self.ports:
            return False
        return place.host == self.host or (self.suffix is not None and place.host.endswith(self.suffix))

    def holds(self, place: Place, address: Address) -> bool:
        if self.network is None or (self.ports is not None and place.port not in self.ports):
            return False
        return address in self.network


@dataclass(frozen=True, slots=True)
class Egress:
    """`guarded`: others than this machine's own user may write manifests, so what is local must be allowed by name."""

    allow: tuple[Entry, ...] = ()
    deny: tuple[Entry, ...] = ()
    only_allowed: bool = False
    guarded: bool = False

    def denial(self, place: Place, address: Address | None = None) -> Denial | None:
        """`address` is what the host leads to; None where that is not known here, and the host's own is taken."""
        address = literal(place.host) if address is None else address
        if address is None:
            return self._of_name(place)
        seen = faces(address)
        shown = _shown(place, address)
        kind = worst(address)
        if kind.zone is Zone.FORBIDDEN:
            return Denial(f"{shown} is {kind.word}, and no provider may be there")
        if _named(self.deny, place) or any(_held(self.deny, place, face) for face in seen):
            return Denial(f"{shown} is refused: {_DENIED}")
        if _named(self.allow, place):
            return None
        if self.guarded and kind.zone is Zone.LOCAL:
            local = [face for face in seen if kind_of(face).zone is Zone.LOCAL]
            if not all(_held(self.allow, place, face) for face in local):
                return self._missing(place, f"{shown} is {kind.word}")
        if self.only_allowed and not any(_held(self.allow, place, face) for face in seen):
            return self._missing(place, f"{shown} is refused: Settings.egress.onlyAllowed is set")
        return self._of_lookalike(place)

    def _of_name(self, place: Place) -> Denial | None:
        """As far as a name tells."""
        if place.host in METADATA_NAMES:
            return Denial(f"{place.host} is the name of a metadata service, and no provider may be there")
        if _named(self.deny, place):
            return Denial(f"{place.host} is refused: {_DENIED}")
        if _named(self.allow, place):
            return None
        if place.host == "localhost" or place.host.endswith(".localhost"):  # RFC 6761, 6.3
            found = [self.denial(place, address) for address in _LOOPBACK]
            return None if None in found else found[0]
        return self._of_lookalike(place)

    def of_proxied(self, place: Place) -> Denial | None:
        """Where a proxy finds the address: a name that nothing here can look behind has to be allowed by name."""
        found = self.denial(place)
        if found is not None or literal(place.host) is not None or not self.only_allowed:
            return found
        if _named(self.allow, place):
            return None
        return self._missing(place, f"{place.host} is refused: Settings.egress.onlyAllowed is set")

    def unreachable(self, place: Place) -> Denial | None:
        """Why nothing at `place` can be reached, whatever its name leads to."""
        found = self.of_proxied(place)
        if found == self.denial(place) or not any(entry.network is not None for entry in self.allow):
            return found
        return None  # its name may lead into one of those networks

    def _of_lookalike(self, place: Place) -> Denial | None:
        """A name in punycode is shown as letters that may look like others."""
        if any(label.startswith("xn--") for label in place.host.split(".")):
            return self._missing(place, f"{place.host} is a name in punycode, which may look like another")
        return None

    def _missing(self, place: Place, why: str) -> Denial:
        return Denial(f"{why}, and Settings.egress.allow does not name it", place.entry())


OPEN = Egress()


def egress(resources: Mapping[ResourceKey, StoredResource], *, guarded: bool = False) -> Egress:
    """As the Settings of the namespace `default` say. `guarded`: a management token was made."""
    stored = resources.get(ResourceKey("Settings", DEFAULT_NAMESPACE, "default"))
    return egress_of_spec(stored.resource.spec if stored is not None else {}, guarded=guarded)


def egress_of_spec(spec: JsonObject, *, guarded: bool = False) -> Egress:
    """Of those Settings' spec, which is valid."""
    written = spec.get("egress")
    told = written if isinstance(written, dict) else {}
    return Egress(
        tuple(_entries(told.get("allow"))),
        tuple(_entries(told.get("deny"))),
        only_allowed=told.get("onlyAllowed") is True,
        guarded=guarded
        or bool(value_at(spec, ("auth", "management"))),  # which lets others in without a token
    )


def destination(config: JsonObject) -> Place | None:
    """Where a Provider with this config is; None for one that is nowhere, or whose base URL is none."""
    written = config.get("baseURL")
    try:
        parts = urlsplit(written) if isinstance(written, str) else None
        port = parts.port if parts is not None else None
    except ValueError:
        return None
    if parts is None or not parts.hostname:
        return None
    return Place.of(parts.hostname, port or _PORTS.get(parts.scheme.lower(), 0))


def denied(provider: StoredResource, policy: Egress) -> Denial | None:
    """Why a Provider may not be where it is, as far as that is known before its name was looked up."""
    config = provider.resource.spec.get("config")
    place = destination(config) if isinstance(config, dict) else None
    return policy.unreachable(place) if place is not None else None


def entry_line(entry: JsonObject) -> str:
    """One entry as YAML has it, on one line: `- {host: llm.lan, ports: [8000]}`."""
    fields = (f"{name}: {_plain(value)}" for name, value in entry.items())
    return f"- {{{', '.join(fields)}}}"


def _plain(value: JsonValue) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_plain(item) for item in value)}]"
    text = str(value)
    return json.dumps(text) if isinstance(value, str) and (":" in text or "*" in text) else text


def _entries(written: JsonValue) -> Iterable[Entry]:
    for each in written if isinstance(written, list) else ():
        if not isinstance(each, dict):
            continue
        host, network, ports = each.get("host"), each.get("network"), each.get("ports")
        numbers = (
            frozenset(port for port in ports if isinstance(port, int)) if isinstance(ports, list) else None
        )
        if isinstance(network, str):
            yield Entry(network=ip_network(network), ports=numbers)
        elif isinstance(host, str):
            plain = plain_host(host)
            if plain.startswith("*."):
                yield Entry(suffix=plain[1:], ports=numbers)
            else:
                yield Entry(host=plain, ports=numbers)


def _named(entries: Sequence[Entry], place: Place) -> bool:
    return any(entry.names(place) for entry in entries)


def _held(entries: Sequence[Entry], place: Place, address: Address) -> bool:
    return any(entry.holds(place, address) for entry in entries)


def _shown(place: Place, address: Address) -> str:
    return str(address) if literal(place.host) is not None else f"{place.host} is at {address}, which"
