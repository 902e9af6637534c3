from pathlib import Path

import click
import pytest

from reconciler.cli.serving_options import Told, serving_options, serving_settings
from reconciler.cli.session import Session

DEFAULTS = Told(
    listen="127.0.0.1:8484",
    admin_listen="127.0.0.1:8485",
    workers=1,
    grace=30.0,
    access_log=None,
    tls_cert=None,
    tls_key=None,
    client_ca=None,
    admin_tls_cert=None,
    admin_tls_key=None,
    admin_client_ca=None,
    allow_unauthenticated=False,
    allow_host=(),
    allow_origin=(),
    allow_env=(),
    allow_file=(),
    allow_exec=(),
    allow_dir=(),
)


def _command() -> click.Command:
    @click.command
    @serving_options
    def command(**told: object) -> dict[str, object]:
        return told

    return command


def parsed(*arguments: str) -> dict[str, object]:
    result = _command().main(arguments, standalone_mode=False)
    assert isinstance(result, dict)
    return result


def test_without_options_it_is_one_worker_on_loopback() -> None:
    assert parsed() == DEFAULTS


def test_what_is_told_becomes_settings(tmp_path: Path) -> None:
    session = Session({"HOME": "/nowhere", "ROUTERCTL_ALLOW_EXEC": "/a:/b"}, str(tmp_path / "s.db"))
    told = Told(
        listen="0.0.0.0:1",
        admin_listen="127.0.0.1:2",
        workers=4,
        grace=0.2,
        access_log=0.01,
        tls_cert=None,
        tls_key=None,
        client_ca=None,
        admin_tls_cert=None,
        admin_tls_key=None,
        admin_client_ca=None,
        allow_unauthenticated=True,
        allow_host=("h",),
        allow_origin=("o",),
        allow_env=("X_*",),
        allow_file=("/keys",),
        allow_exec=("/opt/qwen",),
        allow_dir=("/work",),
    )
    settings = serving_settings(session, told)
    assert settings.store.config_path == tmp_path / "s.db"
    assert (settings.listen, settings.admin_listen, settings.workers) == ("0.0.0.0:1", "127.0.0.1:2", 4)
    assert (settings.hosts, settings.origins) == (("h",), ("o",))
    assert settings.reach.env_globs == ("*_API_KEY", "*_TOKEN", "X_*")
    assert settings.reach.file_folders == ("/run/secrets", str(tmp_path / "secrets"), "/keys")
    assert settings.reach.executables == ("/opt/qwen", "/a", "/b")
    assert settings.reach.work_folders == ("/work",)
    assert (settings.grace_seconds, settings.access_log) == (1, 0.01)
    assert settings.paths == ()


def test_the_help_tells_what_may_be_read_anyway() -> None:
    told = {
        option.opts[0]: str(option.help) for option in _command().params if isinstance(option, click.Option)
    }
    assert "*_API_KEY and *_TOKEN" in told["--allow-env"]
    assert "/run/secrets and secrets/ next to the store" in told["--allow-file"]


@pytest.mark.parametrize("text", ["foo", "127.0.0.1", "127.0.0.1:99999", ":1", ""])
def test_an_address_that_is_none_is_wrong_usage(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is not HOST:PORT; write 127\.0\.0\.1:8484"):
        parsed("--listen", text)


def test_several_values_are_kept_in_order() -> None:
    assert parsed("--allow-env", "A_*", "--allow-env", "B_*")["allow_env"] == ("A_*", "B_*")


@pytest.mark.parametrize(
    ("text", "share"), [("1%", 0.01), ("0.25", 0.25), ("100%", 1.0), ("0", 0.0), ("1", 1.0)]
)
def test_a_share_is_a_percentage_or_a_fraction(text: str, share: float) -> None:
    assert parsed("--access-log-sample", text)["access_log"] == share


@pytest.mark.parametrize("text", ["101%", "2", "-1%", "all", "nan", ""])
def test_a_share_that_is_none_is_wrong_usage(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is no share; write 1%, 0\.01, or 100% for all"):
        parsed("--access-log-sample", text)
