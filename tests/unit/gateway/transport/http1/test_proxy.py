import base64

import pytest

from reconciler.gateway.transport.http1.origin import Origin, parse_url
from reconciler.gateway.transport.http1.proxy import NO_PROXIES, proxies

PROXY = {"HTTP_PROXY": "http://proxy:3128", "HTTPS_PROXY": "http://secure-proxy:3129"}


def proxy_of(environ: dict[str, str], url: str) -> Origin | None:
    proxy = proxies(environ).of(parse_url(url)[0])
    return None if proxy is None else proxy.origin


@pytest.mark.parametrize(
    ("environ", "url", "host"),
    [
        (PROXY, "http://host/", "proxy"),
        (PROXY, "https://host/", "secure-proxy"),
        ({"HTTPS_PROXY": "http://proxy"}, "http://host/", None),
        ({"http_proxy": "http://small", "HTTP_PROXY": "http://large"}, "http://host/", "small"),
        ({"HTTP_PROXY": "proxy:3128"}, "http://host/", "proxy"),
        ({"HTTP_PROXY": "http://proxy:3128/"}, "http://host/", "proxy"),
        ({"HTTP_PROXY": " "}, "http://host/", None),
        ({}, "http://host/", None),
    ],
)
def test_the_environment_names_a_proxy(environ: dict[str, str], url: str, host: str | None) -> None:
    origin = proxy_of(environ, url)
    assert (None if origin is None else origin.host) == host


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:11434/",
        "http://a.localhost/",
        "http://127.0.0.1/",
        "http://127.8.8.8/",
        "http://[::1]/",
    ],
)
def test_loopback_is_reached_directly(url: str) -> None:
    assert proxy_of(PROXY, url) is None


@pytest.mark.parametrize(
    ("exempt", "url", "direct"),
    [
        ("*", "http://host/", True),
        ("a, *", "http://host/", True),
        ("host", "http://host/", True),
        ("HOST", "http://host/", True),
        ("host", "http://sub.host/", True),
        (".host", "http://sub.host/", True),
        ("*.host", "http://sub.host/", True),
        ("host", "http://otherhost/", False),
        ("host:80", "http://host/", True),
        ("host:81", "http://host/", False),
        ("a,host,b", "http://host/", True),
        ("10.0.0.0/8", "http://10.1.2.3/", True),
        ("10.0.0.0/8", "http://11.1.2.3/", False),
        ("10.0.0.0/8", "http://host/", False),
        ("10.1.2.3", "http://10.1.2.3/", True),
        ("10.1.2.3:80", "http://10.1.2.3:81/", False),
        ("fd00::/8", "http://[fd00::1]/", True),
        ("fd00::1", "http://[fd00::1]/", True),
        ("[fd00::1]:80", "http://[fd00::1]/", True),
        ("[fd00::1]:81", "http://[fd00::1]/", False),
        ("", "http://host/", False),
        (" , ", "http://host/", False),
    ],
)
def test_what_is_exempt(exempt: str, url: str, direct: bool) -> None:
    assert (proxy_of({**PROXY, "NO_PROXY": exempt}, url) is None) is direct


def test_a_proxy_with_a_login() -> None:
    proxy = proxies({"HTTP_PROXY": "http://user:p%40ss@proxy:3128"}).of(Origin("http", "host", 80))
    assert proxy is not None
    assert proxy.origin == Origin("http", "proxy", 3128)
    assert proxy.authorization == "Basic " + base64.b64encode(b"user:p@ss").decode()
    assert proxy.authorization not in repr(proxy)


@pytest.mark.parametrize(
    "written", ["socks5://proxy", "https://proxy", "http://pro xy", "http://proxy/path", "://", "http://"]
)
def test_a_proxy_that_can_not_be_used_is_not_passed_by(written: str) -> None:
    proxy = proxies({"HTTP_PROXY": written}).of(Origin("http", "host", 80))
    assert proxy is not None
    assert proxy.origin is None
    assert proxy.fault.startswith("HTTP_PROXY is no URL")


def test_none_by_default() -> None:
    assert NO_PROXIES.of(Origin("http", "host", 80)) is None
