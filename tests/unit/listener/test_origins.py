import pytest

from reconciler.listener.origins import Authority, origin_of, parse_authority, same_host


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("HTTPS://App.Example.com:443", "https://app.example.com"),
        ("http://localhost:80", "http://localhost"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("null", "null"),
        ("https://a b", "https://a b"),
    ],
)
def test_an_origin_has_one_spelling(written: str, compared: str) -> None:
    assert origin_of(written) == compared


@pytest.mark.parametrize(
    ("written", "parsed"),
    [
        ("Gateway.:80", Authority("gateway", "80", literal=False)),
        ("127.0.0.1", Authority("127.0.0.1", "", literal=True)),
        ("[::1]:1", Authority("::1", "1", literal=True)),
        ("[zz:1]", None),
        ("a/b", None),
        (".", None),
    ],
)
def test_a_host_is_a_name_or_an_address(written: str, parsed: Authority | None) -> None:
    assert parse_authority(written) == parsed


@pytest.mark.parametrize(
    ("authority", "host", "same"),
    [
        ("a b", "a b", True),
        ("A.", "a", True),
        ("a:80", "a", True),
        ("a:443", "a", False),
        ("a@b", "b", False),
        ("b", "a@b", False),
        ("a", "b", False),
    ],
)
def test_a_target_and_a_header_name_one_host(authority: str, host: str, *, same: bool) -> None:
    assert same_host(authority, host, "http") is same
