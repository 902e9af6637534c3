"""What the commands that change single resources have in common: carry it out, say what was done, and who serves it."""

import sys
from contextlib import nullcontext, redirect_stdout

from reconciler.api.writes import Change
from reconciler.cli.reading import records_of
from reconciler.cli.serving_output import say_served
from reconciler.cli.session import Session
from reconciler.cli.write_options import TEXT, Asked
from reconciler.cli.writes import writes_of
from reconciler.cli.written_output import Words, Written, print_written
from reconciler.control.imperative.changes import Rewrites
from reconciler.control.nothing import NoRecords


def carry_out(
    session: Session,
    verb: str,
    rewrites: Rewrites,
    asked: Asked,
    words: Words,
    *,
    sealing: bool = False,
    ignore_missing: bool = False,
) -> Written:
    """Does it as one revision, or shows it, as `asked`. sealing: what is written may hold a secret in plain text."""
    change = Change(verb, rewrites, asked.manager, asked.message, asked.dry_run, sealing, ignore_missing)
    done = writes_of(session).change(change)
    written = Written(tuple(rewrites), done.proposal, done.revision)
    aside = redirect_stdout(sys.stderr) if asked.beside else nullcontext()
    # a dry run of what is made needs no store
    present = records_of(session) if written.revision is not None else nullcontext(NoRecords())
    with present as reader, aside:
        print_written(written, words, asked.output, session.environ, reader)
    if written.revision is not None and (asked.wait or not written.proposal.plan.empty):
        number = written.revision.number
        say_served(
            session,
            number,
            wait=asked.wait,
            timeout=asked.timeout,
            beside=asked.beside or asked.output != TEXT,
        )
    return written
