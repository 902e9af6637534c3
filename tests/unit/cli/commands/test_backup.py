from pathlib import Path

from fakes.command import Routerctl, manifest, served

SEALED = manifest(
    "Provider",
    "far",
    {"type": "openai-compatible", "config": {"baseURL": "https://a.example/v1", "apiKey": "sk-plain"}},
)


def test_it_says_what_it_wrote_and_where_the_key_is(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"), SEALED)
    file = routerctl.folder / "backup.db"
    lines = routerctl.ok("backup", file).splitlines()
    assert lines[0].startswith(f"Wrote {file}: revision 1, ")
    assert lines[0].endswith(" KiB, verified.")
    assert lines[1].startswith("Head digest sha256:")
    key = routerctl.db.with_suffix(".key")
    assert lines[2] == (
        f"The key that opens its sealed values is not in it: it is in the file {key}. Keep a copy of it elsewhere."
    )
    content = file.read_bytes()
    assert b"sk-plain" not in content
    assert key.read_text().strip().encode() not in content


def test_a_store_without_sealed_values_needs_no_key(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    told = routerctl("backup", routerctl.folder / "backup.db", "-o", "json").json()
    assert (told["revision"], told["keyIds"], told["key"]) == (1, [], None)
    assert told["bytes"] == Path(told["file"]).stat().st_size


def test_a_file_that_is_there_needs_force(routerctl: Routerctl) -> None:
    routerctl.apply(served("m"))
    file = routerctl.folder / "backup.db"
    file.write_text("mine")
    assert routerctl("backup", file).code == 4
    assert file.read_text() == "mine"
    routerctl.ok("backup", file, "--force")


def test_without_a_store_there_is_nothing_to_back_up(routerctl: Routerctl) -> None:
    done = routerctl("backup", routerctl.folder / "backup.db")
    assert (done.code, "no store at" in done.err) == (5, True)
