from dataclasses import replace
from pathlib import Path

import pytest
from fakes.command import Routerctl, manifest
from fakes.foreign_config import provider_router
from fakes.workshop import UNGUARDED, Workshop, model

from reconciler.bootstrap.following import Target
from reconciler.bootstrap.legacy import Asked, LegacyMode, LegacyStep, legacy_mode, warning
from reconciler.control.source import LEGACY_SOURCE
from reconciler.errors import InvalidInput, Refused, StoreError
from reconciler.store.url import parse

ENV = "LM_STUDIO_BASE_URL=http://127.0.0.1:9/v1\n"


def asked(routerctl: Routerctl, given: Path | None = None, **environ: str) -> LegacyMode:
    return legacy_mode(Asked(parse(f"sqlite:///{routerctl.db}"), environ, given, routerctl.folder))


def paths(mode: LegacyMode) -> list[str]:
    return [Path(path).name for path in mode.paths]


def test_it_is_off_unless_somebody_asks(routerctl: Routerctl) -> None:
    assert asked(routerctl) == LegacyMode()
    (routerctl.folder / ".env").write_text(ENV)
    assert asked(routerctl) == asked(routerctl, USE_LEGACY_CONFIG="false") == LegacyMode(found=(".env",))
    assert paths(asked(routerctl, USE_LEGACY_CONFIG="true")) == [".env"]
    (routerctl.folder / ".env").write_text(f"{ENV}USE_LEGACY_CONFIG=true\n")
    assert paths(asked(routerctl)) == [".env"]
    assert asked(routerctl, USE_LEGACY_CONFIG="0") == LegacyMode(found=(".env",))


def test_a_file_of_somebody_else_is_not_pointed_at(routerctl: Routerctl) -> None:
    (routerctl.folder / ".env").write_text("DATABASE=x\n")
    assert asked(routerctl) == LegacyMode()
    (routerctl.folder / ".env").write_text(ENV)
    routerctl.apply(manifest("Model", "m"))
    assert asked(routerctl) == LegacyMode()


def test_a_folder_stands_for_its_files_and_not_for_its_database(routerctl: Routerctl) -> None:
    folder = routerctl.folder / "app"
    (folder / "config").mkdir(parents=True)
    with pytest.raises(InvalidInput, match=r"no \.env"):
        asked(routerctl, folder)
    database = provider_router(folder / "router.db")
    with pytest.raises(InvalidInput, match=r"no \.env"):
        asked(routerctl, database)
    (folder / "config" / "default.yaml").write_text("services: {a: {type: http, base_url: 'http://x'}}\n")
    (folder / "compose.yaml").write_text("version: 3\n")
    (folder / "broken.yaml").write_text("a: [\n")
    assert paths(asked(routerctl, folder)) == ["default.yaml"]
    assert paths(asked(routerctl, folder / "broken.yaml")) == ["broken.yaml"]


def test_a_store_that_holds_something_counts(routerctl: Routerctl) -> None:
    (routerctl.folder / ".env").write_text(ENV)
    routerctl.apply(manifest("Model", "m"))
    assert asked(routerctl, USE_LEGACY_CONFIG="true") == LegacyMode(ignored=True)
    with pytest.raises(Refused, match="holds 1 resources"):
        asked(routerctl, routerctl.folder / ".env")


def test_nothing_falls_back_where_the_store_can_not_be_read(routerctl: Routerctl) -> None:
    (routerctl.folder / ".env").write_text(ENV)
    routerctl.db.parent.mkdir()
    routerctl.db.write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    with pytest.raises(StoreError):
        asked(routerctl, USE_LEGACY_CONFIG="true")


def test_each_start_says_how_to_move() -> None:
    assert "routerctl migrate /a/.env" in warning(("/a/.env",))


def keys(shop: Workshop) -> list[str]:
    return sorted(str(key) for key in shop.reader.state())


def stepping(shop: Workshop, file: Path) -> LegacyStep:
    target = Target(parse(str(shop.store)), shop.writer, shop.reader, shop.clock, {})
    return LegacyStep(target, (str(file),))


def test_the_store_follows_the_file_and_holds_no_key_in_plain_text(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    file = tmp_path / ".env"
    file.write_text(f"{ENV}LM_STUDIO_DEFAULT_MODEL=m\nQWEN_API_KEY=sk-made-up-0123456789\n")
    step = stepping(shop, file)
    assert (step().error, shop.reader.head()) == (None, 1)
    assert (step().changed, shop.reader.head()) == (0, 1)
    file.write_text(f"{ENV}LM_STUDIO_DEFAULT_MODEL=n\n")
    assert step().error is None
    assert keys(shop) == [
        "Binding/n-lm-studio-default",
        "Model/n",
        "Provider/lm-studio-default",
        "Settings/default",
    ]
    for broken in ("", "# nothing\n"):
        file.write_text(broken)
        assert step().failed
    file.unlink()
    assert step().failed
    assert shop.reader.head() == 2
    shop.close()
    assert not [path for path in tmp_path.glob("store*") if b"sk-made-up" in path.read_bytes()]


def test_who_applies_first_ends_it_and_has_what_it_put_there(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    file = tmp_path / ".env"
    file.write_text(f"{ENV}LM_STUDIO_DEFAULT_MODEL=m\n")
    step = stepping(shop, file)
    step()
    shop.write("a.yaml", model("m", displayName="mine"))
    applied = shop.apply(source="ours", prune=True, guards=UNGUARDED)
    assert applied.proposal.renamed_from == LEGACY_SOURCE
    assert keys(shop) == ["Model/m"]
    assert {each.source for each in shop.reader.state().values()} == {"ours"}
    assert "legacy mode has ended" in (step().error or "")
    shop.close()


def test_who_has_no_source_has_it_too(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    file = tmp_path / ".env"
    file.write_text(f"{ENV}LM_STUDIO_DEFAULT_MODEL=m\n")
    stepping(shop, file)()
    shop.write("a.yaml", model("m", displayName="mine"))
    want = replace(shop.wanted(), source=None, manager="cli:ada", scopes=("",))
    shop.apply_wanted(want)
    stored = shop.reader.state()
    assert len(stored) == 4
    assert {each.source for each in stored.values()} == {None}
    assert {entry.manager for each in stored.values() for entry in each.managed_fields} == {"cli:ada"}
    shop.close()
