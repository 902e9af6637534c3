from pathlib import Path

import pytest

from reconciler.errors import StoreError
from reconciler.store.url import parse


@pytest.mark.parametrize(
    ("url", "config", "records"),
    [
        ("sqlite:///state/store.db", "/base/state/store.db", "/base/state/store-records.db"),
        ("sqlite:////var/lib/store.db", "/var/lib/store.db", "/var/lib/store-records.db"),
        ("SQLite:///store", "/base/store", "/base/store-records"),
        ("store.v1.db", "/base/store.v1.db", "/base/store.v1-records.db"),
        ("/abs/a b.sqlite", "/abs/a b.sqlite", "/abs/a b-records.sqlite"),
    ],
)
def test_where_the_files_lie(url: str, config: str, records: str) -> None:
    location = parse(url, folder=Path("/base"))
    assert (location.config_path, location.records_path) == (Path(config), Path(records))
    assert parse(location.url) == location
    assert location.traffic_path == Path(records.replace("-records", "-traffic"))


def test_one_store_has_one_name_however_it_is_reached(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    (real / "other.db").symlink_to(real / "store.db")
    for url in ("real/../real/store.db", "link/store.db", "link/other.db"):
        assert parse(url, folder=tmp_path) == parse(str(real / "store.db"))


def test_relative_means_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse("sqlite:///s.db").config_path == tmp_path / "s.db"


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert parse("~/s.db").config_path == Path("/home/ada/s.db")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://u:hunter2@h/db", "PostgreSQL is not supported"),
        ("postgres+psycopg://u:hunter2@h/db", "PostgreSQL is not supported"),
        ("mysql://u:hunter2@h/db", "'mysql' is not supported"),
        ("sqlite://", "names no file"),
        ("sqlite:///", "names no file"),
        ("sqlite://host/file", "names no file"),
        ("sqlite:///:memory:", "plain file"),
        ("sqlite:///s.db?mode=memory", "plain file"),
        ("  ", "empty"),
    ],
)
def test_what_is_no_store_is_refused_without_its_password(url: str, words: str) -> None:
    with pytest.raises(StoreError) as caught:
        parse(url)
    assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)
