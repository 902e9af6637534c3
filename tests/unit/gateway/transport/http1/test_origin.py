import pytest

from reconciler.gateway.transport.http1.origin import Origin, Unsendable, parse_url


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("http://host", Origin("http", "host", 80), "/"),
        ("HTTPS://Api.Example.COM/v1/x?a=b", Origin("https", "api.example.com", 443), "/v1/x?a=b"),
        ("http://host:8080?a=b", Origin("http", "host", 8080), "/?a=b"),
        ("https://[::1]:8443/v1", Origin("https", "::1", 8443), "/v1"),
        ("http://10.0.0.1/%20", Origin("http", "10.0.0.1", 80), "/%20"),
    ],
)
def test_a_url_is_an_origin_and_a_target(url: str, origin: Origin, target: str) -> None:
    assert parse_url(url) == (origin, target)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "host/v1",
        "ftp://host/",
        "http://",
        "http://\n",
        "http://host/\r\nx: y",
        "http://host/a b",
        "http://host/#a",
        "http://host/\u00e9",
        "http://user:canary@host/",
        "http://host:0/",
        "http://host:65536/",
        "http://ho st/",
        "http://host\\/",
    ],
)
def test_what_is_no_url_is_not_sent(url: str) -> None:
    with pytest.raises(Unsendable) as refused:
        parse_url(url)
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "authority", "endpoint"),
    [
        ("http://host/", "host", "host:80"),
        ("https://host/", "host", "host:443"),
        ("https://host:80/", "host:80", "host:80"),
        ("http://[::1]/", "[::1]", "[::1]:80"),
        ("http://[::1]:81/", "[::1]:81", "[::1]:81"),
    ],
)
def test_how_an_origin_is_written(url: str, authority: str, endpoint: str) -> None:
    origin, _ = parse_url(url)
    assert (origin.authority, origin.endpoint, origin.tls) == (authority, endpoint, url.startswith("https"))
