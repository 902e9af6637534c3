"""Settings.egress: which hosts, networks and ports providers may use."""

import re
from ipaddress import ip_network
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from reconciler.provider_types.destinations import literal, never
from reconciler.resources.meta import Strict

_HOST = re.compile(r"(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?", re.ASCII)
_HOST_PATTERN = r"^(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$"


def _check_host(written: str) -> str:
    if "://" in written:
        raise PydanticCustomError(
            "egress", "write the host alone, without scheme and path; ports are in ports"
        )
    if literal(written) is not None or ":" in written or "/" in written:
        raise PydanticCustomError("egress", "that is an address; write it as network")
    labels = written.removeprefix("*.").split(".")
    if not _HOST.fullmatch(written) or not all(0 < len(label) < 64 for label in labels):
        raise PydanticCustomError(
            "egress",
            "expected the name of a host, such as llm.example.com, or *.example.com for all below it",
        )
    return written


def _check_network(written: str) -> str:
    try:
        network = ip_network(written)
    except ValueError:
        raise PydanticCustomError(
            "egress",
            "expected an address or a network whose host bits are zero, such as 10.0.0.5, 10.0.0.0/8 or fd00::/8",
        ) from None
    if "%" in written:
        raise PydanticCustomError("egress", "a network has no zone (%)")
    if network.version == 6 and getattr(network.network_address, "ipv4_mapped", None) is not None:
        raise PydanticCustomError("egress", "that is IPv4 inside IPv6; write the IPv4 network")
    return written


Host = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=255),
    AfterValidator(_check_host),
    WithJsonSchema({"type": "string", "pattern": _HOST_PATTERN, "maxLength": 255}),
]
Network = Annotated[
    str,
    StringConstraints(strict=True, min_length=2, max_length=64),
    AfterValidator(_check_network),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$", "maxLength": 64}),
]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]


class EgressEntry(Strict):
    """Where something is: by a host's name or by a network, exactly one of them."""

    host: Host | None = Field(
        None,
        description="The name of a host as Providers write it, or `*.example.com` for all below it, wherever its name leads.",
    )
    network: Network | None = Field(None, description="An address, or a network such as 10.0.0.0/8.")
    ports: list[Port] | None = Field(None, description="These ports alone (default: all).", min_length=1)

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.host is None) == (self.network is None):
            raise PydanticCustomError("egress", "expected exactly one of host, network")
        return self


class AllowedEntry(EgressEntry):
    """Where providers may be."""

    @model_validator(mode="after")
    def _can_be_allowed(self) -> Self:
        word = never(ip_network(self.network)) if self.network is not None else None
        if word is not None:
            raise PydanticCustomError(
                "egress", "{word} is never a provider's, whatever is allowed; leave it out", {"word": word}
            )
        return self


class Egress(Strict):
    """Which hosts, networks and ports Providers may use. It is decided on the address that a name leads to, whenever a
    connection is made. Link-local, unspecified, multicast and broadcast addresses, metadata services and the gateway's own listeners
    are always refused.
    """

    allow: list[AllowedEntry] = Field(
        [],
        description="Addresses of this machine and of private networks that Providers may use. They need no entry until the "
        "first management token is made: until then nobody but this machine's own user writes manifests.",
    )
    deny: list[EgressEntry] = Field([], description="Where no Provider may be, whatever `allow` says.")
    onlyAllowed: bool = Field(
        False, description="Whether public addresses, too, need an entry in `allow`.", strict=True
    )
