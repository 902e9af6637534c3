"""Who is let in at the management listener, beside those with a token of the store: a part of Settings.auth."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from reconciler.field_types import ShortText
from reconciler.resources.meta import Strict

RoleName = Literal["viewer", "operator", "admin"]
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def _no_url() -> PydanticCustomError:
    return PydanticCustomError(
        "jwks_url", "expected a URL such as https://login.example.com/.well-known/jwks.json"
    )


def _check_url(written: str) -> str:
    try:
        parts = urlsplit(written)
        whole = parts.hostname is not None and parts.port != 0 and parts.username is None
    except ValueError:
        raise _no_url() from None
    if not whole or parts.fragment:
        raise _no_url()
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise PydanticCustomError("jwks_url", "expected https; plain http is for this machine alone")
    return written


KeySetUrl = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^https?://[^\s?#@]+(\?[^\s#]*)?$", max_length=2048),
    AfterValidator(_check_url),
]
FilePath = Annotated[str, StringConstraints(strict=True, pattern=r"^/[^\x00]*$", max_length=4096)]
ClaimValue = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=256)]


class JsonWebTokens(Strict):
    """Tokens of an issuer, such as an identity provider or a CI system. They are signed, with asymmetric algorithms alone."""

    issuer: ClaimValue = Field(description="What their claim `iss` must be, character by character.")
    audience: ClaimValue = Field(description="What their claim `aud` must be or hold.")
    jwksURL: KeySetUrl | None = Field(
        None,
        description="Where the issuer's public keys are (a JWK Set), by https. Settings.egress counts, and no redirect is followed.",
    )
    jwksFile: FilePath | None = Field(
        None,
        description="The file that holds them instead, in a folder that manifests may read (--allow-file).",
    )
    rolesClaim: ClaimValue = Field(
        "roles",
        description="The claim that tells the roles, a text or a list of them; a dot leads into an object: realm_access.roles.",
    )
    roles: dict[ClaimValue, RoleName] = Field(
        description="What a value of that claim makes of its bearer; of several the highest. One without any is refused.",
        min_length=1,
        max_length=256,
    )

    namespacesClaim: ClaimValue | None = Field(
        None,
        description="The claim that tells the namespaces which its bearer may see and change, as rolesClaim tells roles. A token "
        "without it may go nowhere. Default: its bearer may go everywhere.",
    )
    managersClaim: ClaimValue | None = Field(
        None,
        description="The claim that tells the managers (git:SOURCE, api:NAME) which its bearer may apply as, beside its own.",
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.jwksURL is None) == (self.jwksFile is None):
            raise PydanticCustomError("jwks", "expected exactly one of jwksURL, jwksFile")
        return self


class ManagementAccess(Strict):
    """Who is let in beside those with a token. With any of it, every request needs to say who it is."""

    jwt: JsonWebTokens | None = Field(None, description="JSON Web Tokens of an issuer.")
    clientCertificates: dict[ShortText, RoleName] | None = Field(
        None,
        description="Names in client certificates, as --admin-client-ca lets them in, and the role of each.",
        min_length=1,
        max_length=256,
    )
