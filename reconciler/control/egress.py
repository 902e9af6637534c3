"""Whom the first management token would cut off: Providers on local addresses that Settings.egress.allow does not name yet."""

import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from threading import Thread
from time import monotonic

from reconciler.json_types import JsonObject, JsonValue, value_at
from reconciler.provider_types.destinations import Address, literal
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.snapshot.egress import Denial, Egress, Place, destination, egress, entry_line

SECONDS = 5.0
"""For all names together: a name server that says nothing keeps nobody waiting."""

LookUp = Callable[[Place], Sequence[Address]]
"""What a name leads to. Blocks; raises OSError."""

Resources = Mapping[ResourceKey, StoredResource]


@dataclass(frozen=True, slots=True)
class CutOff:
    """`providers` would not be reached: each with the reason. `entries` of `allow` keep them. The names of `unknown` lead
    nowhere at the moment, from here.
    """

    providers: Mapping[ResourceKey, str]
    entries: tuple[JsonObject, ...]
    unknown: tuple[ResourceKey, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The entries as YAML."""
        return tuple(entry_line(entry) for entry in self.entries)


def look_up(place: Place) -> Sequence[Address]:
    found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(ip_address(str(address[0])) for *_, address in found))


def cut_off(resources: Resources, look: LookUp = look_up, seconds: float = SECONDS) -> CutOff:
    """As things are now, at this machine: the gateway's own name server may know better."""
    places = dict(_places(resources))
    found = _looked_up(set(places.values()), look, seconds)
    open_, guarded = (egress(resources, guarded=each) for each in (False, True))
    denials = {
        key: denial
        for key, place in places.items()
        if (denial := _denied(guarded, place, found[place])) is not None
        if _denied(open_, place, found[place]) is None
    }
    return CutOff(
        {key: denial.reason for key, denial in denials.items()},
        _merged(denial.entry for denial in denials.values() if denial.entry is not None),
        tuple(key for key, place in places.items() if not found[place]),
    )


def allowing(spec: JsonValue, entries: Sequence[JsonObject]) -> JsonObject:
    """A merge patch of the spec of Settings/default that adds entries to what it allows."""
    allowed = value_at(spec, ("egress", "allow"))
    written: list[JsonValue] = list(allowed) if isinstance(allowed, list) else []
    return {"egress": {"allow": [*written, *(entry for entry in entries if entry not in written)]}}


def _places(resources: Resources) -> Iterable[tuple[ResourceKey, Place]]:
    for key in sorted(resources):
        spec = resources[key].resource.spec
        config = spec.get("config")
        if key.kind == "Provider" and spec.get("enabled") is not False and isinstance(config, dict):
            place = destination(config)
            if place is not None:
                yield key, place


def _looked_up(places: set[Place], look: LookUp, seconds: float) -> Mapping[Place, Sequence[Address]]:
    """What leads nowhere in time has none."""
    found: dict[Place, Sequence[Address]] = {}

    def ask(place: Place) -> None:
        with suppress(OSError, UnicodeError):
            found[place] = look(place)

    asking = []
    for place in places:
        address = literal(place.host)
        if address is not None:
            found[place] = (address,)
        else:  # no pool: its threads keep a process from ending
            asking.append(Thread(target=ask, args=(place,), daemon=True))
            asking[-1].start()
    end = monotonic() + seconds
    for thread in asking:
        thread.join(max(0.0, end - monotonic()))
    return {place: found.get(place, ()) for place in places}


def _denied(policy: Egress, place: Place, addresses: Sequence[Address]) -> Denial | None:
    """Where all that a name leads to is denied."""
    denials = [policy.denial(place, address) for address in addresses]
    return denials[0] if denials and None not in denials else None


def _merged(entries: Iterable[JsonObject]) -> tuple[JsonObject, ...]:
    """One for each place, with all of its ports."""
    ports: dict[tuple[str, str], set[int]] = {}
    for entry in entries:
        ((kind, where), (_, numbers)) = entry.items()
        ports.setdefault((kind, str(where)), set()).update(_integers(numbers))
    return tuple({kind: where, "ports": [*sorted(found)]} for (kind, where), found in sorted(ports.items()))


def _integers(value: JsonValue) -> Iterable[int]:
    return (each for each in value if isinstance(each, int)) if isinstance(value, list) else ()
