from pathlib import Path

import pytest

from reconciler import settings
from reconciler.settings import (
    Reach,
    collects_traces,
    environment,
    key_file_beside,
    key_place,
    state_folder,
    store_url,
    takes_compiled,
    traces_protocol,
)


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"XDG_STATE_HOME": "/state"}, "/state/routerctl"),
        ({"XDG_STATE_HOME": "relative", "HOME": "/home/ada"}, "/home/ada/.local/state/routerctl"),
        ({"HOME": "/home/ada"}, "/home/ada/.local/state/routerctl"),
    ],
)
def test_the_state_folder_is_where_the_xdg_specification_says(environ: dict[str, str], folder: str) -> None:
    assert state_folder(environ) == Path(folder)


def test_without_a_home_the_state_folder_is_that_of_the_user() -> None:
    assert state_folder({}) == Path("~").expanduser() / ".local/state/routerctl"


def test_the_store_is_what_the_option_says_else_the_environment_else_the_default() -> None:
    environ = {"ROUTERCTL_DB": "sqlite:///env.db", "XDG_STATE_HOME": "/state"}
    assert store_url(environ, "given.db") == "given.db"
    assert store_url(environ) == "sqlite:///env.db"
    assert store_url({**environ, "ROUTERCTL_DB": ""}) == "sqlite:////state/routerctl/routerctl.db"


def test_the_key_lies_beside_its_store() -> None:
    assert key_file_beside(Path("/state/routerctl.db")) == Path("/state/routerctl.key")


def test_flags_add_to_what_manifests_may_reach() -> None:
    reach = Reach.of(Path("/state"), ("MY_*",), ("/etc/keys",))
    assert reach.env_globs == ("*_API_KEY", "*_TOKEN", "MY_*")
    assert reach.file_folders == ("/run/secrets", "/state/secrets", "/etc/keys")


def test_by_default_no_file_is_in_reach() -> None:
    assert Reach().file_folders == ()


def test_the_environment_is_the_process_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(settings.DB, "here.db")
    assert environment()[settings.DB] == "here.db"


def test_where_a_key_is_looked_for_can_be_told() -> None:
    store = Path("/state/x.db")
    assert key_place({}, store) == "the file /state/x.key"
    assert key_place({"ROUTERCTL_ENCRYPTION_KEY_FILE": "/keys/x"}, store) == "the file /keys/x"
    named = {"ROUTERCTL_ENCRYPTION_KEY": "secret", "ROUTERCTL_ENCRYPTION_KEY_FILE": "/keys/x"}
    assert key_place(named, store) == "the environment variable ROUTERCTL_ENCRYPTION_KEY"


@pytest.mark.parametrize(
    ("environ", "collects"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "TRUE"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_traces_are_collected_where_the_variables_name_somebody(
    environ: dict[str, str], collects: bool
) -> None:
    assert collects_traces(environ) is collects


@pytest.mark.parametrize(
    ("environ", "takes"),
    [({}, True), ({"ROUTERCTL_COMPILED": "no"}, False), ({"ROUTERCTL_COMPILED": ""}, True)],
)
def test_workers_run_what_is_compiled_unless_told_not_to(environ: dict[str, str], takes: bool) -> None:
    assert takes_compiled(environ) is takes


def test_how_traces_travel() -> None:
    general = {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    assert traces_protocol({}) == "http/protobuf"
    assert traces_protocol(general) == "grpc"
    assert (
        traces_protocol({**general, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"}) == "http/protobuf"
    )
