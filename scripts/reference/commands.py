"""commands.md: every verb with its options, as its help has them."""

import inspect
from collections.abc import Iterator, Sequence

import click

from reconciler.cli.main import cli
from scripts.reference.markdown import GENERATED, block, code, joined, table

_PROGRAM = "routerctl"
_EXAMPLE = "Example: "
_UNWRAPPED = 10_000
"""Columns: nothing is broken into lines."""

_INTRODUCTION = """\
`routerctl COMMAND --help` says the same. What each command ends with is in [exit-codes.md](exit-codes.md); fields of
manifests are in [kinds.md](kinds.md), rules of `lint` in [lint.md](lint.md), and the forms of `diff` in
[diff.md](diff.md)."""

_GLOBAL = """\
All but `--version` may stand before the verb or after it."""


def page() -> str:
    root = _context(cli, _PROGRAM)
    verbs = [(name, cli.get_command(root, name)) for name in cli.list_commands(root)]
    found = [(name, command) for name, command in verbs if command is not None]
    lines = ["# Commands", "", GENERATED, "", *_INTRODUCTION.splitlines(), ""]
    summaries = dict(_summaries(cli, root))
    lines += table(
        ("Command", "Does"), [(f"[{code(name)}](#{name})", _cell(summaries[name])) for name, _ in found]
    )
    lines += ["", "## Global options", "", _GLOBAL, "", *_options(cli, root)]
    for name, command in found:
        lines += ["", f"## {name}", "", *_section(command, (name,), root)]
    return joined(lines)


def _context(command: click.Command, name: str, parent: click.Context | None = None) -> click.Context:
    return click.Context(
        command,
        parent=parent,
        info_name=name,
        terminal_width=_UNWRAPPED,
        max_content_width=_UNWRAPPED,
        help_option_names=["-h", "--help"],
    )


def _section(command: click.Command, path: Sequence[str], parent: click.Context) -> Iterator[str]:
    """Its usage, what its help says, options, example; below that its parts, where it has some."""
    context = _context(command, path[-1], parent)
    yield from block(command.get_usage(context).removeprefix("Usage: "), "text")
    for paragraph in _paragraphs(command):
        yield from ("", paragraph)
    options = list(_options(command, context))
    if options:
        yield from ("", *options)
    for example in _examples(command):
        yield from ("", *block(example, "sh"))
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            part = command.get_command(context, name)
            if part is not None:
                yield from ("", f"### {' '.join((*path, name))}", "")
                yield from _section(part, (*path, name), context)


def _paragraphs(command: click.Command) -> Iterator[str]:
    """What it does. A paragraph that click leaves as it is written is a block."""
    for paragraph in inspect.cleandoc(command.help or "").partition("\f")[0].split("\n\n"):
        kept = paragraph.removeprefix("\b\n")
        yield "\n".join(block(kept, "text")) if kept != paragraph else _text(paragraph)


def _examples(command: click.Command) -> Iterator[str]:
    for line in (command.epilog or "").splitlines():
        if line.startswith(_EXAMPLE):
            yield line.removeprefix(_EXAMPLE)


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    """The visible ones, without --help, which every command has."""
    options = [each for each in command.params if isinstance(each, click.Option) and not each.hidden]
    records = [record for option in options if (record := option.get_help_record(context)) is not None]
    if records:
        yield from table(("Option", "Is"), [(code(names), _cell(words)) for names, words in records])


def _summaries(group: click.Group, context: click.Context) -> Iterator[tuple[str, str]]:
    """What the group's help says of each command: the table of verbs, without loading them."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield name, "" if command is None else command.get_short_help_str(_UNWRAPPED)


def _cell(words: str) -> str:
    """In one line of a table."""
    return _text(" ".join(words.split()))


def _text(words: str) -> str:
    """As Markdown would show it: what could be taken for a tag or emphasis is escaped."""
    for sign in ("\\", "*", "<", "_"):
        words = words.replace(sign, f"\\{sign}")
    return words
