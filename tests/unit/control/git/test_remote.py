import base64
from pathlib import Path

import pytest

from reconciler.control.git.remote import check_branch, check_path, masked, parse_remote
from reconciler.errors import InvalidInput


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/acme/routing.git",
        "https://git.example:8443/acme/routing",
        "ssh://git@github.com/acme/routing.git",
        "git@github.com:acme/routing.git",
        "host:routing",
    ],
)
def test_an_address_stays_as_it_is(address: str) -> None:
    remote = parse_remote(address)
    assert (remote.address, remote.folder, remote.config) == (address, None, ())


def test_a_path_is_a_real_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a b").mkdir()
    monkeypatch.chdir(tmp_path)
    for written in ("a b", "./a b/", f"{tmp_path}/a b", f"file://{tmp_path}/a%20b", "a b/.git"):
        remote = parse_remote(written)
        assert remote.folder == (tmp_path / "a b").resolve()
        assert remote.address == f"file://{tmp_path.resolve()}/a%20b"
    (tmp_path / "host:routing").mkdir()
    assert parse_remote("host:routing").folder == tmp_path.resolve() / "host:routing"


def test_a_password_goes_into_a_header_and_into_no_text() -> None:
    remote = parse_remote("https://x-token:s%40cret@git.example/acme/routing")
    assert remote.address == "https://git.example/acme/routing"
    header = "Authorization: Basic " + base64.b64encode(b"x-token:s@cret").decode()
    assert dict(remote.config) == {"http.extraHeader": header, "http.followRedirects": "false"}
    assert "Basic" not in repr(remote)


def test_a_user_alone_is_for_the_credential_helper() -> None:
    remote = parse_remote("https://ada@git.example/acme/routing")
    assert (remote.address, remote.config) == (
        "https://git.example/acme/routing",
        (("credential.username", "ada"),),
    )
    assert parse_remote("ssh://ada:pw@git.example/r").address == "ssh://ada@git.example/r"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("", "empty"),
        ("https://a\n.example/x", "control characters"),
        ("--upload-pack=touch /tmp/x", "begins with a dash"),
        ("-oProxyCommand=x", "begins with a dash"),
        ("ext::sh -c touch% /tmp/x", "starts a program"),
        ("fd::17", "starts a program"),
        ("http://github.com/acme/routing", "is not encrypted"),
        ("git://github.com/acme/routing", "is not encrypted"),
        ("ftp://host/x", "is not taken"),
        ("file://relative", "a whole path"),
        ("https://github.com", "names no repository"),
        ("https:///x", "names no repository"),
        ("ssh://-oProxyCommand=x/y", "names no repository"),
        ("ssh://-x@host/y", "names no repository"),
        ("https://host/x?token=abc", "may be a secret"),
        ("git@-oProxyCommand=x:y", "begins with a dash"),
        ("git@host:-x", "begins with a dash"),
        ("ada:secret@host:x", "takes no password"),
    ],
)
def test_what_git_could_take_for_more_than_an_address_is_refused(written: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as refused:
        parse_remote(written)
    assert "secret@" not in str(refused.value)
    assert "abc" not in str(refused.value)


def test_a_branch_has_a_name() -> None:
    assert check_branch("release/1.x") == "release/1.x"
    assert check_branch("refs/heads/main") == "main"


@pytest.mark.parametrize(
    "name",
    ["", "-x", "--upload-pack=x", "a..b", "a b", "a:b", "+a^", "a~1", "@{-1}", "@", "a.lock", "/a", "a/", "a//b", ".a", "x/.a", "a\x07"],
)  # fmt: skip
def test_what_is_no_name_of_a_branch_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="can't be the name of a branch"):
        check_branch(name)


def test_a_path_stays_inside() -> None:
    assert check_path("") == check_path(".") == check_path("./") == ""
    assert check_path("./a//b/") == "a/b"
    for outside in ("/etc", "a/../../b", "..", "a\x1b"):
        with pytest.raises(InvalidInput, match="no path inside a repository"):
            check_path(outside)


def test_what_stands_before_the_host_of_a_url_is_masked() -> None:
    said = "fatal: could not read from 'https://x:ghp_1@host/a' and ssh://git@host/b"
    assert masked(said) == "fatal: could not read from 'https://***@host/a' and ssh://***@host/b"
