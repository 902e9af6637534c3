from pathlib import Path

import pytest

from reconciler.control.importing.folder import INDEX, plan_files, recorded
from reconciler.errors import Refused

FOLDER = Path("/made")


def written(present: dict[str, bytes], wanted: dict[str, bytes]) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """What is there afterwards."""
    plan, kept = plan_files(FOLDER, present, wanted)
    after = dict(present)
    for change in plan.changes:
        if change.after is None:
            del after[change.name]
        else:
            after[change.name] = change.after
    return after, kept


def test_the_same_again_is_no_change() -> None:
    after, _ = written({}, {"a.yaml": b"1", "b.yaml": b"2"})
    plan, kept = plan_files(FOLDER, after, {"a.yaml": b"1", "b.yaml": b"2"})
    assert (plan.changes, plan.unchanged, kept) == ((), ("a.yaml", "b.yaml"), ())


def test_what_an_import_wrote_is_replaced_and_what_is_gone_goes() -> None:
    after, _ = written({}, {"a.yaml": b"1", "b.yaml": b"2"})
    after, kept = written(after, {"a.yaml": b"3"})
    assert after["a.yaml"] == b"3"
    assert "b.yaml" not in after
    assert recorded(after[INDEX]).keys() == {"a.yaml"}
    assert kept == ()


def test_what_people_changed_stays() -> None:
    after, _ = written({}, {"a.yaml": b"1", "b.yaml": b"2"})
    after["b.yaml"] = b"by hand"
    again, kept = written(after, {"a.yaml": b"1"})
    assert again["b.yaml"] == b"by hand"
    assert kept == ("b.yaml",)
    with pytest.raises(Refused, match=r"b\.yaml"):
        plan_files(FOLDER, after, {"a.yaml": b"1", "b.yaml": b"3"})


def test_nothing_is_written_over_a_foreign_file() -> None:
    with pytest.raises(Refused, match="and 2 more"):
        plan_files(FOLDER, {f"{n}.yaml": b"x" for n in range(12)}, {f"{n}.yaml": b"y" for n in range(12)})
    plan, _ = plan_files(FOLDER, {"a.yaml": b"x"}, {"a.yaml": b"x"})
    assert [change.name for change in plan.changes] == [INDEX]


@pytest.mark.parametrize(
    "index", [None, b"no json", b"[]", b'{"files": 5}', b'{"files": {"../x": "d", "/y": "d", "z": 5}}']
)
def test_a_strange_index_knows_nothing(index: bytes | None) -> None:
    assert recorded(index) == {}
