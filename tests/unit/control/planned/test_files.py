import hashlib
import io
import os
from pathlib import Path

import pytest
from fakes.kept import plan
from fakes.workshop import Workshop, simulator

from reconciler.control.plan.artefact import Artefact, write
from reconciler.control.planned.files import digests, load, save
from reconciler.errors import InvalidInput, StoreError


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    made = Workshop(tmp_path)
    made.write("a.yaml", simulator())
    return made


@pytest.fixture
def kept(shop: Workshop) -> Artefact:
    return plan(shop)


def test_the_digests_are_those_of_the_files(shop: Workshop) -> None:
    shop.write("sub/b.yaml", simulator("b"))
    found = {each.path: each.sha256 for each in digests(shop.wanted())}
    assert found == {
        name: hashlib.sha256((shop.folder / name).read_bytes()).hexdigest()
        for name in ("a.yaml", "sub/b.yaml")
    }


def test_a_file_that_changed_meanwhile_is_an_error(shop: Workshop) -> None:
    wanted = shop.wanted()
    shop.write("a.yaml", simulator(text="other"))
    with pytest.raises(InvalidInput, match=r"a\.yaml was changed while it was read"):
        digests(wanted)
    (shop.folder / "a.yaml").unlink()
    with pytest.raises(InvalidInput, match="was changed"):
        digests(wanted)


def test_a_saved_plan_is_its_owners_alone_and_replaces_the_last(kept: Artefact, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text("old")
    (tmp_path / f".plan.json.{os.getpid()}.new").write_text("of a process that died")
    save(kept, str(file))
    assert file.read_text(encoding="utf-8") == write(kept)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob(".plan*")] == []
    assert load(str(file), io.BytesIO()) == kept


def test_a_plan_that_can_not_be_written(kept: Artefact, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"the plan can't be written to .*: no such file or directory"):
        save(kept, str(tmp_path / "none" / "plan.json"))
    with pytest.raises(StoreError, match="is a directory"):
        save(kept, str(tmp_path))


def test_a_device_takes_it_as_it_is(kept: Artefact) -> None:
    save(kept, os.devnull)
    assert Path(os.devnull).is_char_device()


def test_a_plan_from_stdin(kept: Artefact) -> None:
    assert load("-", io.BytesIO(write(kept).encode())) == kept
    with pytest.raises(InvalidInput, match="stdin is no plan"):
        load("-", io.BytesIO(b""))


def test_a_plan_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"the plan can't be read from .*: no such file"):
        load(str(tmp_path / "none.json"), io.BytesIO())
    with pytest.raises(InvalidInput, match="it is no file"):
        load("\0", io.BytesIO())
