import os
from pathlib import Path

import pytest

from reconciler.errors import NotTrusted, SecretError
from reconciler.secrets.sources import read_certificates, read_env, read_file
from reconciler.settings import Reach


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "secrets"
    path.mkdir()
    return path


@pytest.fixture
def reach(folder: Path) -> Reach:
    return Reach(file_folders=(str(folder),))


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "HF_TOKEN", "_API_KEY"])
def test_variables_of_keys_and_tokens_are_read(name: str) -> None:
    assert read_env(name, {name: "x"}, Reach()).reveal() == "x"


@pytest.mark.parametrize(
    "name", ["HOME", "AWS_SECRET_ACCESS_KEY", "openai_api_key", "OPENAI_API_KEY_2", "*_API_KEY?"]
)
def test_other_variables_are_refused_with_the_flag(name: str) -> None:
    with pytest.raises(NotTrusted) as caught:
        read_env(name, {name: "canary"}, Reach())
    assert caught.value.hint == f"start with --allow-env {name}"
    assert "canary" not in str(caught.value)


def test_a_flag_allows_more() -> None:
    reach = Reach(env_globs=("AWS_*",))
    assert read_env("AWS_SECRET", {"AWS_SECRET": "x"}, reach).reveal() == "x"
    with pytest.raises(SecretError):
        read_env("OPENAI_API_KEY", {"OPENAI_API_KEY": "x"}, reach)


@pytest.mark.parametrize("name", ["ROUTERCTL_TOKEN", "ROUTERCTL_ENCRYPTION_KEY", "routerctl_API_KEY"])
def test_our_own_variables_are_never_read(name: str) -> None:
    with pytest.raises(NotTrusted, match="routerctl's own") as caught:
        read_env(name, {name: "canary"}, Reach(env_globs=("*",)))
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(("environ", "message"), [({}, "is not set"), ({"X_TOKEN": ""}, "is empty")])
def test_a_variable_without_a_value(environ: dict[str, str], message: str) -> None:
    with pytest.raises(SecretError, match=f"the variable X_TOKEN {message}"):
        read_env("X_TOKEN", environ, Reach())


def test_names_can_not_act_on_a_terminal() -> None:
    with pytest.raises(SecretError) as caught:
        read_env("A\x1b[2J", {}, Reach())
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"x", "x"), (b"x\n", "x"), (b"x\r\n", "x"), (b"x\n\n", "x\n"), (b" x ", " x "), ("é\n".encode(), "é")],
)
def test_a_file_is_read_without_its_line_end(folder: Path, reach: Reach, content: bytes, text: str) -> None:
    (folder / "key").write_bytes(content)
    assert read_file(str(folder / "key"), reach).reveal() == text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"\xff canary", "not UTF-8"),
        (b"canary" * 20_000, "larger than 64 KiB"),
    ],
)
def test_a_file_without_a_usable_value(folder: Path, reach: Reach, content: bytes, message: str) -> None:
    (folder / "key").write_bytes(content)
    with pytest.raises(SecretError, match=message) as caught:
        read_file(str(folder / "key"), reach)
    assert "canary" not in str(caught.value)


def test_a_file_elsewhere_is_refused_with_the_flag(tmp_path: Path, reach: Reach) -> None:
    (tmp_path / "key").write_text("canary")
    with pytest.raises(NotTrusted) as caught:
        read_file(str(tmp_path / "key"), reach)
    assert caught.value.hint == f"start with --allow-file {tmp_path}"
    assert "canary" not in str(caught.value)


def test_a_refusal_does_not_tell_whether_the_file_is_there(tmp_path: Path, reach: Reach) -> None:
    (tmp_path / "key").write_text("x")
    messages = []
    for name in ("key", "gone"):
        with pytest.raises(SecretError) as caught:
            read_file(str(tmp_path / name), reach)
        messages.append(str(caught.value).replace(name, "NAME"))
    assert messages[0] == messages[1]


def test_the_resolved_path_counts(tmp_path: Path, folder: Path, reach: Reach) -> None:
    (tmp_path / "outside").write_text("canary")
    (folder / "link").symlink_to("../outside")
    for path in (folder / "link", folder / "../outside", tmp_path / "secretsx"):
        with pytest.raises(SecretError, match="not in a folder that manifests may read"):
            read_file(str(path), reach)


def test_links_inside_an_allowed_folder_are_followed(folder: Path, reach: Reach) -> None:
    (folder / "..data").mkdir()
    (folder / "..data" / "key").write_text("x")
    (folder / "key").symlink_to("..data/key")
    (folder.parent / "alias").symlink_to(folder)
    assert read_file(str(folder.parent / "alias" / "key"), reach).reveal() == "x"
    assert read_file(str(folder / "key"), Reach(file_folders=(str(folder.parent / "alias"),))).reveal() == "x"


@pytest.mark.parametrize("path", ["key", "./key", "", "~/key", "/x\0y"])
def test_a_path_is_absolute(reach: Reach, path: str) -> None:
    with pytest.raises(SecretError, match="no absolute path"):
        read_file(path, reach)


def test_what_is_no_file_is_not_read(folder: Path, reach: Reach) -> None:
    os.mkfifo(folder / "pipe")
    for path in (folder / "pipe", folder):
        with pytest.raises(SecretError, match="no regular file"):
            read_file(str(path), reach)


def test_a_file_that_is_not_there(folder: Path, reach: Reach) -> None:
    with pytest.raises(SecretError, match="can't be read: no such file or directory"):
        read_file(str(folder / "gone"), reach)


def test_without_allowed_folders_nothing_is_read() -> None:
    with pytest.raises(SecretError, match="--allow-file /etc"):
        read_file("/etc/passwd", Reach())


def test_a_file_of_certificates_is_read_as_it_is(folder: Path, reach: Reach) -> None:
    (folder / "ca.pem").write_text("one\n\n", encoding="ascii")
    assert read_certificates(str(folder / "ca.pem"), reach) == "one\n\n"
    with pytest.raises(NotTrusted, match="the file /etc/hosts is not in a folder") as caught:
        read_certificates("/etc/hosts", reach)
    assert caught.value.hint == "start with --allow-file /etc"
    with pytest.raises(SecretError, match=r"the file ca\.pem has no absolute path"):
        read_certificates("ca.pem", reach)
