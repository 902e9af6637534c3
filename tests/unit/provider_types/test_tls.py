from base64 import b64encode

import pytest
from fakes.certificates import authority
from pydantic import ValidationError

from reconciler.provider_types.lm_studio import LMStudioConfig
from reconciler.provider_types.openai_compatible import OpenAICompatibleConfig

KEY = {"valueFrom": {"env": "TLS_API_KEY"}}
BLOCK = "-----BEGIN {0}-----\n{1}\n-----END {0}-----\n"


def refusal(tls: dict[str, object], url: str = "https://llm.internal/v1") -> str:
    with pytest.raises(ValidationError) as caught:
        OpenAICompatibleConfig.model_validate({"baseURL": url, "tls": tls})
    (error,) = caught.value.errors(include_url=False, include_input=False)
    return f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}"


@pytest.mark.parametrize("config", [OpenAICompatibleConfig, LMStudioConfig])
def test_all_fields_together(config: type[OpenAICompatibleConfig]) -> None:
    tls = {
        "ca": authority().pem,
        "certFile": "/run/secrets/tls.crt",
        "key": KEY,
        "serverName": "llm.internal",
    }
    found = config.model_validate({"baseURL": "HTTPS://10.0.0.7/v1", "tls": tls}).tls
    assert found is not None
    assert found.model_dump(exclude_none=True) == tls


def test_several_certificates_and_what_stands_between_them() -> None:
    text = f"# the old one\n{authority().pem}\nand the new one:\r\n{authority().pem}"
    assert OpenAICompatibleConfig.model_validate({"baseURL": "https://a", "tls": {"ca": text}}).tls


@pytest.mark.parametrize(
    ("tls", "said"),
    [
        ({"ca": "/etc/ssl/ca.pem"}, "tls.ca: expected certificates in PEM"),
        ({"ca": BLOCK.format("CERTIFICATE", "canary!")}, "tls.ca: expected certificates in PEM"),
        ({"ca": BLOCK.format("CERTIFICATE", b64encode(b"canary").decode())}, "tls.ca: expected certificates"),
        ({"ca": BLOCK.format("PUBLIC KEY", "MAA=")}, "tls.ca: expected certificates in PEM"),
        ({"ca": BLOCK.format("CERTIFICATE", "MAA=")[:-10]}, "tls.ca: expected certificates in PEM"),
        ({"cert": BLOCK.format("PRIVATE KEY", "canary"), "key": KEY}, "tls.cert: holds a private key"),
        ({"caFile": "ca.pem"}, "tls.caFile: expected an absolute path"),
        ({"caFile": "/ca\0.pem"}, "tls.caFile: expected an absolute path"),
        ({"serverName": "10.0.0.7"}, "tls.serverName: expected a host name"),
        ({"serverName": "a..b"}, "tls.serverName: expected a host name"),
        ({"serverName": "https://a"}, "tls.serverName: expected a host name"),
        ({"ca": authority().pem, "caFile": "/ca"}, "tls: ca and caFile say the same"),
        ({"cert": authority().pem, "certFile": "/c", "key": KEY}, "tls: cert and certFile say the same"),
        ({"certFile": "/c"}, "tls: a certificate and its key go together"),
        ({"key": KEY}, "tls: a certificate and its key go together"),
        ({"insecureSkipVerify": True}, "tls.insecureSkipVerify: Extra inputs are not permitted"),
    ],
)
def test_what_makes_no_sense_is_refused_and_not_repeated(tls: dict[str, object], said: str) -> None:
    told = refusal(tls)
    assert told.startswith(said)
    assert "canary" not in told


def test_plain_http_has_none() -> None:
    assert refusal({"serverName": "a"}, "http://llm.internal/v1").startswith("tls: acts on nothing")


def test_an_url_that_is_wrong_is_told_alone() -> None:
    assert refusal({"serverName": "a"}, "ftp://llm.internal").startswith("baseURL: ")
