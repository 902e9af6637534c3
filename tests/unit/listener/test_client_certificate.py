from asyncio import Transport
from typing import cast

import pytest
from starlette.types import Scope
from uvicorn._types import HTTPScope

from reconciler.listener.client_certificate import certificate_names, names_of, tell_certificate

SUBJECT = ((("organizationName", "Acme"),), (("commonName", "ci"),))


@pytest.mark.parametrize(
    ("certificate", "names"),
    [
        (None, ()),
        ({}, ()),
        ({"subject": SUBJECT}, ("ci",)),
        ({"subject": ((("organizationName", "Acme"),),)}, ()),
        ({"subject": "strange"}, ()),
        ({"subject": SUBJECT, "subjectAltName": (("DNS", "ci.acme.example"),)}, ("ci.acme.example",)),
        (
            {
                "subjectAltName": (
                    ("email", "ci@acme.example"),
                    ("DNS", "ci.acme.example"),
                    ("IP Address", "10.0.0.1"),
                    ("URI", "spiffe://acme.example/ci"),
                )
            },
            ("spiffe://acme.example/ci", "ci.acme.example", "ci@acme.example"),
        ),
        ({"subject": SUBJECT, "subjectAltName": (("IP Address", "10.0.0.1"),)}, ("ci",)),
    ],
)
def test_the_names_in_a_certificate(certificate: dict[str, object] | None, names: tuple[str, ...]) -> None:
    assert names_of(certificate) == names


@pytest.mark.parametrize(
    "scope",
    [
        {},
        {"extensions": None},
        {"extensions": {}},
        {"extensions": {"tls": {}}},
        {"extensions": {"tls": {"client_cert_names": "ci"}}},
    ],
)
def test_a_scope_without_one(scope: Scope) -> None:
    assert certificate_names(scope) == ()


def test_a_scope_with_one() -> None:
    assert certificate_names({"extensions": {"tls": {"client_cert_names": ("ci",)}}}) == ("ci",)


class Secured:
    def __init__(self, certificate: dict[str, object] | None) -> None:
        self._certificate = certificate

    def getpeercert(self) -> dict[str, object] | None:
        return self._certificate


class Connected(Transport):
    def __init__(self, secured: Secured | None) -> None:
        super().__init__({"ssl_object": secured})


def test_a_request_is_told_whom_its_connection_knows() -> None:
    scope = cast(HTTPScope, {"extensions": {"other": {}}})
    for nobody in (None, Secured(None), Secured({})):
        tell_certificate(scope, Connected(nobody))
        assert scope["extensions"] == {"other": {}}
    tell_certificate(scope, Connected(Secured({"subject": SUBJECT})))
    assert scope["extensions"]["other"] == {}
    assert certificate_names(scope) == ("ci",)
