"""Words for people say what is so."""

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from fakes.context import root_context

from reconciler import __version__
from reconciler.cli.main import COMMANDS, cli

ROOT = Path(__file__).parents[2]
HOW_TO = sorted(file.relative_to(ROOT).as_posix() for file in ROOT.glob("docs/how-to/*.md"))
SECURITY = sorted(file.relative_to(ROOT).as_posix() for file in ROOT.glob("docs/security/*.md"))
TABLES = ("docs/migrating/differences.md", "docs/migrating/seed-coverage.md")
"""They show no commands."""
MIGRATING = sorted(
    name
    for file in ROOT.glob("docs/migrating/*.md")
    if (name := file.relative_to(ROOT).as_posix()) not in TABLES
)
SHOWING = ["README.md", *HOW_TO, *MIGRATING]
UNTRACKED = {
    ".git", ".venv", ".demo", "build", "dist", "htmlcov", "__pycache__", ".hypothesis", ".mypy_cache", ".ruff_cache",
    ".pytest_cache", ".import_linter_cache",
}  # fmt: skip
# Written in halves: this file is read too.
FORBIDDEN = [
    "/wo" + "rk/", "/ro" + "ot/", "pypi." + "org", "python" + "hosted.org", "npm" + "js.org", "deb." + "debian.org",
    "proxy.go" + "lang.org", "crates" + ".io",
]  # fmt: skip
CODE_BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
FLAG = re.compile(r"(?<!\S)--?[A-Za-z][\w-]*")
PLACE_OF_VERB = re.compile(
    r"(?:\S*/)?routerctl(?P<globals>(?:\s+--?[\w-]+(?:[= ]\S+)?)*?)\s+(?P<verb>[a-z][a-z-]*)\b"
)


def tracked_files() -> Iterator[Path]:
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in UNTRACKED and not name.endswith(".egg-info")]
        yield from (Path(folder, name) for name in files if not name.startswith(".coverage"))


def test_nothing_names_a_machine_or_a_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in tracked_files()
        for text in [path.read_bytes().decode("utf-8", errors="ignore")]
        for word in FORBIDDEN
        if word in text
    ]
    assert found == []


def test_the_changelog_begins_with_this_version() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert next(heading for heading in headings if heading != "Unreleased") == __version__


def dependencies() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    for name in ("build.in", "audit.in", "model.in", "kubectl.in"):
        lines += (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    names = [re.match(r"[A-Za-z0-9._-]+", line) for line in lines]
    return [name[0] for name in names if name]


@pytest.mark.parametrize("dependency", dependencies())
def test_every_dependency_has_its_line(dependency: str) -> None:
    text = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    assert f"\n| {dependency} |" in text


def test_no_line_is_left_of_a_dependency_that_has_gone() -> None:
    text = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| ([A-Za-z0-9._-]+) \|", text, re.MULTILINE))
    assert listed - {"Package"} == set(dependencies())


def test_decisions_are_numbered_without_gaps() -> None:
    names = sorted(path.name for path in (ROOT / "docs/decisions").glob("*.md"))
    assert names, "docs/decisions is empty"
    assert [name[:5] for name in names] == [f"{number:04}-" for number in range(1, len(names) + 1)]


def blocks(document: str) -> Iterator[str]:
    yield from CODE_BLOCK.findall((ROOT / document).read_text(encoding="utf-8"))


def commands(document: str, program: str) -> list[str]:
    """The commands of `program` in code blocks: lines that begin with it, or with `$ ` and it."""
    lines = [
        line.removeprefix("$ ")
        for block in blocks(document)
        for line in block.replace("\\\n", " ").splitlines()
    ]
    return [line.partition(" #")[0] for line in lines if re.match(rf"(?:\S*/)?{program}\s", line)]


@pytest.mark.parametrize("document", SHOWING)
def test_every_routerctl_command_that_is_shown_exists(document: str) -> None:
    shown = commands(document, "routerctl")
    assert shown, f"{document} shows no command"
    for line in shown:
        match = PLACE_OF_VERB.match(line)
        told = _help(match["verb"] if match else "") + _help()
        for flag in FLAG.findall(line.partition("|")[0]):
            assert re.search(rf"(?<![\w-]){re.escape(flag)}(?![\w-])", told), f"{flag} in: {line}"


@pytest.mark.parametrize("document", SHOWING)
def test_every_option_that_is_named_exists(document: str) -> None:
    told = "".join(map(_help, ["", *COMMANDS]))
    text = CODE_BLOCK.sub("", (ROOT / document).read_text(encoding="utf-8"))
    named = {
        flag for code in re.findall(r"`([^`]+)`", text) for flag in FLAG.findall(code) if flag[:2] == "--"
    }
    assert [flag for flag in sorted(named) if not re.search(rf"{re.escape(flag)}(?![\w-])", told)] == []


def _help(verb: str = "") -> str:
    root = root_context()
    command = cli.get_command(root, verb) if verb else cli
    assert command is not None, f"no command {verb}"
    context = click.Context(command, info_name=verb, parent=root)
    parts = command.list_commands(context) if verb and isinstance(command, click.Group) else []
    return command.get_help(context) + "".join(
        part.get_help(context)
        for name in parts
        if isinstance(command, click.Group) and (part := command.get_command(context, name)) is not None
    )


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_that_is_named_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = (ROOT / document).read_text(encoding="utf-8")
    named = {line.split()[1] for line in commands(document, "make")} | set(
        re.findall(r"`make ([a-z-]+)", text)
    )
    assert named, f"{document} names no target"
    assert named <= targets


@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "docs/dependencies.md",
        "examples/gitops/README.md",
        "examples/observability/README.md",
        "examples/systemd/README.md",
        *SECURITY,
        *HOW_TO,
        *MIGRATING,
    ],
)
def test_every_file_that_is_linked_exists(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    links = [
        link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link and "mailto:" not in link
    ]
    assert [link for link in links if not ((ROOT / document).parent / link).exists()] == []
