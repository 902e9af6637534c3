"""The field type of a base URL: one spelling for each place, and none for places where no provider may be."""

import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from reconciler.provider_types.destinations import METADATA_NAMES, Zone, literal, worst

MAX_URL = 2048

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,31}):", re.ASCII)
_URL = re.compile(
    r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(:[0-9]{1,5})?(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?",
    re.ASCII | re.IGNORECASE,
)
_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?", re.ASCII)
_NUMERIC_END = re.compile(r"(.*\.)?([0-9]+|0[xX][0-9A-Fa-f]*)", re.ASCII)
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}", re.ASCII)


def _check(written: str) -> str:
    """Says what is wrong without repeating the URL: what stands in the wrong place may be a password."""
    if "@" in written.partition("://")[2].partition("/")[0]:
        raise _wrong("a URL can't hold a user or password; use apiKey")
    if "?" in written or "#" in written:
        raise _wrong("a base URL has no query (?) and no fragment (#)")
    scheme = _SCHEME.match(written)
    if scheme is not None and "://" in written and scheme[1].lower() not in {"http", "https"}:
        raise _wrong("providers are reached over http and https alone; write https://api.example.com/v1")
    if not _URL.fullmatch(written):
        raise _wrong("expected a URL such as https://api.example.com/v1")
    parts = _split(written)
    if parts is None:
        raise _wrong("its host is neither a name nor an IP address, or its port is none")
    _check_host(parts.hostname or "")
    if {".", ".."} & set(re.split(r"/|%2[fF]", re.sub("%2[eE]", ".", parts.path))):
        raise _wrong("a base URL has no . or .. in its path")
    return written


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    return None if port == 0 else parts


def _check_host(host: str) -> None:
    """A name as DNS has them, or an address as everyone reads it: 0x7f.1 and 2130706433 mean different things."""
    if host.endswith("."):
        raise _wrong("its host ends in a dot; write the name without it")
    address = literal(host)
    if address is None:
        if _NUMERIC_END.fullmatch(host) or not _is_name(host):
            raise _wrong("its host is neither a name nor an IP address, or its port is none")
    elif address.version == 4 and not _DECIMAL.fullmatch(host):
        raise _wrong("its host is an IPv4 address in a spelling of its own; write four decimal numbers")
    elif address.version == 6 and getattr(address, "ipv4_mapped", None) is not None:
        raise _wrong("its host is an IPv4 address inside an IPv6 one; write the IPv4 address")
    if host in METADATA_NAMES or (address is not None and worst(address).zone is Zone.FORBIDDEN):
        word = "the name of a metadata service" if address is None else worst(address).word
        raise PydanticCustomError(
            "base_url", "its host is {word}, and no provider may be there", {"word": word}
        )


def _is_name(host: str) -> bool:
    return bool(_HOST_NAME.fullmatch(host)) and all(0 < len(label) < 64 for label in host.split("."))


def _wrong(message: str) -> PydanticCustomError:
    return PydanticCustomError("base_url", message)


BaseURL = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=MAX_URL),
    AfterValidator(_check),
    WithJsonSchema(
        {
            "type": "string",
            "format": "uri",
            "pattern": r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#@\\]+(/[^\s?#\\]*)?$",
            "maxLength": MAX_URL,
        }
    ),
]
