"""The forms of hostile case 3, and what is said of each. `test_openai_compatible` has the long list."""

import pytest
from pydantic import TypeAdapter, ValidationError

from reconciler.provider_types.base_url import MAX_URL, BaseURL

URLS: TypeAdapter[str] = TypeAdapter(BaseURL)


def refusal(url: str) -> str:
    with pytest.raises(ValidationError) as raised:
        URLS.validate_python(url)
    (error,) = raised.value.errors(include_url=False, include_input=False)
    return error["msg"]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("file:///etc/passwd", "http and https alone"),
        ("gopher://host:70/_x", "http and https alone"),
        ("ftp://host/", "http and https alone"),
        ("unix:///run/docker.sock", "http and https alone"),
        ("http://user:canary@host/v1", "can't hold a user or password"),
        ("http://canary@host/v1", "can't hold a user or password"),
        ("https://host/v1#canary", "no fragment"),
        ("https://host/v1?canary=1", "no query"),
        ("http://2130706433/", "four decimal numbers"),
        ("http://0x7f.1/", "four decimal numbers"),
        ("http://0177.0.0.1/", "four decimal numbers"),
        ("http://127.1/", "four decimal numbers"),
        ("http://127.0.0.01/", "four decimal numbers"),
        ("http://[::ffff:127.0.0.1]/", "write the IPv4 address"),
        ("http://[::ffff:7f00:1]/", "write the IPv4 address"),
        ("http://host./v1", "ends in a dot"),
        ("http://127.0.0.1./v1", "ends in a dot"),
        ("http://169.254.169.254/latest", "the address of a metadata service"),
        ("http://169.254.7.7/", "a link-local address"),
        ("http://[fe80::1]/", "a link-local address"),
        ("http://[fd00:ec2::254]/", "the address of a metadata service"),
        ("http://[64:ff9b::a9fe:a9fe]/", "the address of a metadata service"),
        ("http://[2002:a9fe:a9fe::1]/", "the address of a metadata service"),
        ("http://metadata.google.internal/", "the name of a metadata service"),
        ("http://METADATA.google.internal/", "the name of a metadata service"),
        ("http://0.0.0.0:8000/v1", "an unspecified address"),
        ("http://[::]/", "an unspecified address"),
        ("http://224.0.0.1/", "a multicast address"),
        ("http://1.2.3.999/", "neither a name nor an IP address"),
        ("http://host:0/", "its port is none"),
        ("https://host/../admin", "no . or .."),
        ("https://", "expected a URL"),
    ],
)
def test_each_form_is_refused_in_words_that_repeat_nothing(url: str, words: str) -> None:
    message = refusal(url)
    assert words in message
    assert "canary" not in message


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1234/v1",
        "http://localhost:11434/v1",
        "http://10.0.0.5/v1",
        "http://[::1]:8000/v1",
        "http://[fd12::5]/v1",
        "HTTPS://api.example.com",
        "https://xn--hst-sna.example/v1",
        "http://host/" + "a" * (MAX_URL - 12),
    ],
)
def test_what_is_fine(url: str) -> None:
    assert URLS.validate_python(url) == url
