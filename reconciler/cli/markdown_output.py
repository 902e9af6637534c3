"""A reviewed plan as Markdown, for a comment on a pull request: a summary first, the details folded, bounded in size.

Nothing that somebody wrote into a manifest may act in the comment: no HTML, link, image, table or mention. So such
text stands in code alone: in the fenced block of the details, whose fence is longer than any run of backticks inside,
or in a code span of a table, where a pipe is written as JSON's escape of it, because Markdown's is not safe behind a backslash.
"""

import re
from collections.abc import Iterator, Sequence

from reconciler.cli.field_output import marked_lines
from reconciler.cli.output import counted
from reconciler.cli.plan_output import (
    counts_text,
    deletion_note,
    dependent_lines,
    place_text,
    standing_lines,
)
from reconciler.cli.review_output import ImpactRow, drift_text, impact_rows
from reconciler.control.field_text import conflict_text
from reconciler.control.manifest.printable import printable
from reconciler.control.plan.fields import field_changes
from reconciler.control.plan.model import Change
from reconciler.control.review import Review

DEFAULT_SIZE = 60_000
LEAST_SIZE = 1_000
_TABLE = "| Impact | What | Before | After |\n| --- | --- | --- | --- |\n"
_CELL = 120
_RESERVED = 120
"""Characters kept for the line that says what was left out."""
_BACKTICKS = re.compile("`+")

Block = Sequence[str]
"""The lines of one change, conflict or drift: shown as a whole, or cut at its end, or left out."""


def review_markdown(review: Review, max_size: int = DEFAULT_SIZE) -> str:
    """At most `max_size` characters, a line break at the end."""
    text = f"**routerctl**: {_summary(review)}\n"
    text += _impact_table(impact_rows(review.impact), (max_size - len(text)) // 2)
    notes = [[f"  {line}"] for line in _notes(review)]
    for noun, blocks in (("conflict", _conflict_blocks(review)), ("drift", _drift_blocks(review))):
        text += _folded(noun, blocks, (max_size - len(text)) // 2)
    text += _folded("change", [*_change_blocks(review)], max_size - len(text) - (_RESERVED if notes else 0))
    return text + _folded("note", notes, max_size - len(text))


def code_span(text: str) -> str:
    """`text` as code in one cell of a table; nothing in it is Markdown any more."""
    shown = printable(text)
    shown = shown if len(shown) <= _CELL else f"{shown[:_CELL]}…"
    shown = shown.replace("|", "\\u007c")
    if not shown.strip():
        return ""
    fence = "`" * (_longest_run(shown) + 1)
    edge = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{edge}{shown}{edge}{fence}"


def _summary(review: Review) -> str:
    said = [counts_text(review.plan, review.unknown)]
    effects = review.impact.counts()
    if effects:
        said.append(f"Impact: {', '.join(f'{count} {word}' for word, count in effects.items())}.")
    if review.drift:
        said.append(f"Drift: {len(review.drift)}.")
    return " ".join(said)


def _impact_table(rows: Sequence[ImpactRow], room: int) -> str:
    if not rows:
        return ""
    text, left = f"\n{_TABLE}", len(rows)
    for row in rows:
        cells = (code_span(cell) for cell in (row.what, row.before, row.after))
        line = f"| {', '.join(row.words)} | {' | '.join(cells)} |\n"
        if len(text) + len(line) > room - _RESERVED:
            break
        text, left = text + line, left - 1
    return text if not left else f"{text}\n{counted(left, 'row')} of the impact left out for size.\n"


def _change_blocks(review: Review) -> Iterator[Block]:
    for change in review.plan.changes:
        fields = (
            line
            for item in field_changes(change, review.fingerprints)
            for line in marked_lines(change.told, item)
        )
        yield [_title(change), *fields, *(f"! {line}" for line in dependent_lines(change, review))]


def _conflict_blocks(review: Review) -> list[Block]:
    return [
        [f"@@ conflict {item.key} @@", *(f"! {conflict_text(field)}" for field in item.fields)]
        for item in review.plan.conflicts
    ]


def _drift_blocks(review: Review) -> list[Block]:
    return [[f"! {item.key}  {drift_text(item)}"] for item in review.drift]


def _title(change: Change) -> str:
    """A line that a diff's colours make a heading."""
    note = f"  ({noted})" if (noted := deletion_note(change)) else ""
    return f"@@ {change.told.value} {change.key}{place_text(change)}{note} @@"


def _notes(review: Review) -> list[str]:
    unknown = [f"? {key}  {field}: (unknown without the key)" for key, field in sorted(review.unknown)]
    return unknown + standing_lines(review.plan)


def _folded(noun: str, blocks: Sequence[Block], room: int) -> str:
    """A <details> of at most `room` characters; a line where nothing fits in it, and "" where there is nothing."""
    if not blocks:
        return ""
    clean = [[printable(line) for line in block] for block in blocks]
    fence = "`" * max(3, max(_longest_run(line) for block in clean for line in block) + 1)
    head = f"\n<details><summary>{counted(len(blocks), noun)}</summary>\n\n{fence}diff\n"
    tail = f"{fence}\n\n</details>\n"
    body, left = _fitting(clean, room - len(head) - len(tail) - _RESERVED)
    if not body:
        return f"\n{counted(left, noun)} left out for size.\n"
    rest = f"\n{left} of {counted(len(blocks), noun)} left out for size.\n" if left else ""
    return f"{head}{body}{tail}{rest}"


def _fitting(blocks: Sequence[Block], room: int) -> tuple[str, int]:
    """(the blocks that fit, how many do not). Of one that is too long just the first line is there, and says so."""
    text, left = "", 0
    for block in blocks:
        whole = "".join(f"{line}\n" for line in block)
        short = f"{block[0]} … {counted(len(block) - 1, 'line')} left out for size\n"
        shown = next((form for form in (whole, short) if len(text) + len(form) <= room), None)
        text += shown or ""
        left += shown is None
    return text, left


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)
