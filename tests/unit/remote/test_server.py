from pathlib import Path

import pytest

from reconciler.errors import InvalidInput, RouterctlError, SecretError
from reconciler.remote.server import Told, server_of

TEXT = "rt-abcdefABCDEF-" + "x" * 43


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://router.example:8485", "https://router.example:8485"),
        ("https://router.example:8485/", "https://router.example:8485"),
        ("router.example", "https://router.example"),
        ("http://127.0.0.1:8485", "http://127.0.0.1:8485"),
        ("http://[::1]:8485", "http://[::1]:8485"),
    ],
)
def test_an_address_is_scheme_host_and_port(written: str, url: str) -> None:
    assert server_of(Told(written), {}).url == url


@pytest.mark.parametrize(
    "written",
    [
        "ftp://h",
        "https://",
        "https://h/v1",
        "https://h?x=1",
        "https://h#x",
        "https://h:99999",
        "https://a b",
        "https://[::1",
    ],
)
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput, match="is no address of a management listener"):
        server_of(Told(written), {})


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(InvalidInput) as refused:
        server_of(Told("https://ada:canary@h"), {})
    assert "canary" not in str(refused.value)


def test_a_token_is_not_sent_in_the_clear() -> None:
    for url in ("http://router.example", "http://10.0.0.1:8485"):
        with pytest.raises(InvalidInput, match="anybody on the way could read it"):
            server_of(Told(url), {"ROUTERCTL_TOKEN": TEXT})
        assert server_of(Told(url), {}).token is None
    for url in ("http://localhost:1", "http://127.0.0.1", "http://[::1]", "https://router.example"):
        assert server_of(Told(url), {"ROUTERCTL_TOKEN": TEXT}).token is not None


def test_a_token_comes_by_file_or_variable(tmp_path: Path) -> None:
    file = tmp_path / "t"
    file.touch(mode=0o600)
    file.write_text(f"{TEXT}\n")
    by_flag = server_of(Told("https://h", token_file=str(file)), {"ROUTERCTL_TOKEN": "another"})
    by_variable = server_of(Told("https://h"), {"ROUTERCTL_TOKEN_FILE": str(file)})
    both = server_of(Told("https://h"), {"ROUTERCTL_TOKEN": "first", "ROUTERCTL_TOKEN_FILE": str(file)})
    texts = [each.token.reveal() for each in (by_flag, by_variable, both) if each.token is not None]
    assert texts == [TEXT, TEXT, "first"]
    assert TEXT not in repr(by_flag)


def test_a_file_that_others_may_read_holds_no_token(tmp_path: Path) -> None:
    file = tmp_path / "t"
    file.touch(mode=0o644)
    file.write_text(TEXT)
    with pytest.raises(SecretError, match="open to other users"):
        server_of(Told("https://h", token_file=str(file)), {})


@pytest.mark.parametrize("content", [b"", b"two words", b"canary\xff", b"x" * 9000])
def test_what_is_no_token_is_not_repeated(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "t"
    file.touch(mode=0o600)
    file.write_bytes(content)
    with pytest.raises(SecretError, match="holds no token") as refused:
        server_of(Told("https://h", token_file=str(file)), {})
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("place", ["none", ".", "a\0b"])
def test_a_file_that_is_not_there_is_said(tmp_path: Path, place: str) -> None:
    with pytest.raises(SecretError, match=r"can't be read|no regular file"):
        server_of(Told("https://h", token_file=f"{tmp_path}/{place}"), {})


def test_a_certificate_has_a_key() -> None:
    with pytest.raises(RouterctlError, match="go together"):
        server_of(Told("https://h", cert="c.pem"), {})
