"""The config field `tls`: whom an upstream's TLS trusts beside its name, and what it is shown. It can't be switched off."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from reconciler.field_types import SecretField
from reconciler.provider_types.config import ProviderConfig

MAX_PEM = 64 * 1024
MAX_PATH = 1024
_ASN1_SEQUENCE = 0x30

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\s([^-]*)-----END \1-----")
_HOST_NAME = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*", re.ASCII
)


def _check_certificates(written: str) -> str:
    """Says what is wrong without repeating any of it: what stands in the wrong place may be a key."""
    blocks = _BLOCK.findall(written)
    if "PRIVATE KEY" in written:
        raise PydanticCustomError(
            "certificates", "holds a private key, and is no secret field; move it to key, and replace the key"
        )
    if not blocks or any(label != "CERTIFICATE" or not _is_der(body) for label, body in blocks):
        raise PydanticCustomError(
            "certificates", "expected certificates in PEM: -----BEGIN CERTIFICATE----- and what follows it"
        )
    return written


def _is_der(body: str) -> bool:
    try:
        content = b64decode("".join(body.split()), validate=True)
    except NotBase64:
        return False
    return content[:1] == bytes([_ASN1_SEQUENCE])


def _check_path(written: str) -> str:
    if not written.startswith("/") or not written.isprintable():
        raise PydanticCustomError("path", "expected an absolute path; begin it with /")
    return written


def _check_server_name(written: str) -> str:
    if not _HOST_NAME.fullmatch(written) or written.rpartition(".")[2].isdigit():
        raise PydanticCustomError("server_name", "expected a host name, such as llm.example.com")
    return written


Certificates = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=MAX_PEM),
    AfterValidator(_check_certificates),
    WithJsonSchema({"type": "string", "pattern": "-----BEGIN CERTIFICATE-----", "maxLength": MAX_PEM}),
]
CertificatesFile = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=MAX_PATH),
    AfterValidator(_check_path),
    WithJsonSchema({"type": "string", "pattern": "^/", "maxLength": MAX_PATH}),
]
ServerName = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=253),
    AfterValidator(_check_server_name),
    WithJsonSchema({"type": "string", "maxLength": 253}),
]


class TLSConfig(ProviderConfig):
    """How an upstream shows who it is, and how the gateway does. An upstream's certificate is always verified."""

    ca: Certificates | None = Field(
        None,
        description="Certificates in PEM that are trusted, in place of the system's: an authority's, or the "
        "upstream's own where it signed itself.",
    )
    caFile: CertificatesFile | None = Field(
        None,
        description="The same, in a file that the gateway may read (--allow-file). It is read when the provider is "
        "built, and by `routerctl reload`.",
    )
    cert: Certificates | None = Field(
        None,
        description="The certificate that the gateway shows where it is asked for one (mTLS), in PEM, with those that lead "
        "to its authority.",
    )
    certFile: CertificatesFile | None = Field(None, description="The same, in a file, as `caFile`.")
    key: SecretField | None = Field(None, description="The private key of `cert` or `certFile`, in PEM.")
    serverName: ServerName | None = Field(
        None, description="Whose certificate is expected, where that is not the host of `baseURL`."
    )

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        for inline, file in (("ca", "caFile"), ("cert", "certFile")):
            if getattr(self, inline) is not None and getattr(self, file) is not None:
                message = "{inline} and {file} say the same; keep one of the two"
                raise PydanticCustomError("tls", message, {"inline": inline, "file": file})
        if (self.cert is None and self.certFile is None) != (self.key is None):
            raise PydanticCustomError(
                "tls", "a certificate and its key go together: cert or certFile, and key"
            )
        return self
