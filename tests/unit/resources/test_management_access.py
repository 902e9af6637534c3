import pytest
from pydantic import ValidationError

from reconciler.json_types import JsonObject
from reconciler.resources.management_access import ManagementAccess

JWT: JsonObject = {"issuer": "https://a.example", "audience": "r", "roles": {"ops": "operator"}}
URL = "https://a.example/jwks"


def test_an_issuer_and_where_its_keys_are() -> None:
    found = ManagementAccess.model_validate({"jwt": {**JWT, "jwksURL": URL}})
    assert found.jwt is not None
    assert (found.jwt.rolesClaim, found.jwt.jwksFile) == ("roles", None)
    assert (
        ManagementAccess.model_validate({"jwt": {**JWT, "jwksFile": "/run/secrets/jwks.json"}}).jwt
        is not None
    )
    assert ManagementAccess.model_validate({"clientCertificates": {"ci": "viewer"}}).jwt is None


@pytest.mark.parametrize(
    "url", ["http://localhost:8080/k", "http://127.0.0.1/k", "http://[::1]/k", f"{URL}?v=1"]
)
def test_plain_http_is_for_this_machine(url: str) -> None:
    ManagementAccess.model_validate({"jwt": {**JWT, "jwksURL": url}})


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"jwksURL": URL, "jwksFile": "/k"},
        {"jwksURL": "http://a.example/jwks"},
        {"jwksURL": "ftp://a.example/jwks"},
        {"jwksURL": "https://u:p@a.example/jwks"},
        {"jwksURL": "https://a.example/jwks#x"},
        {"jwksURL": "https://a.example:port/jwks"},
        {"jwksURL": "https:///jwks"},
        {"jwksFile": "keys.json"},
        {"jwksURL": URL, "roles": {}},
        {"jwksURL": URL, "roles": {"ops": "root"}},
        {"jwksURL": URL, "issuer": ""},
        {"jwksURL": URL, "algorithms": ["HS256"]},
    ],
)
def test_what_can_not_be_is_refused(wrong: JsonObject) -> None:
    with pytest.raises(ValidationError):
        ManagementAccess.model_validate({"jwt": {**JWT, **wrong}})
