"""What the commands that change single resources have in common: carry it out, say what was done, and who serves it."""

import sys
from contextlib import nullcontext, redirect_stdout

from reconciler.bootstrap.ciphers import load_cipher
from reconciler.bootstrap.reading import open_reader
from reconciler.bootstrap.writing import open_present_store
from reconciler.cli.serving_output import say_served
from reconciler.cli.session import Session
from reconciler.cli.write_options import TEXT, Asked
from reconciler.cli.written_output import Words, Written, print_written
from reconciler.clock import timestamp
from reconciler.control.imperative.changes import Rewrites
from reconciler.control.imperative.write import Writing, rehearse, write


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
    writing = Writing(rewrites, asked.field_manager, ignore_missing)
    written = _rehearsed(session, writing, sealing=sealing) if asked.dry_run else None
    if written is None:
        written = _written(session, verb, writing, asked, sealing=sealing)
    aside = redirect_stdout(sys.stderr) if asked.beside else nullcontext()
    with open_reader(session.location) as reader, aside:
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


def _rehearsed(session: Session, writing: Writing, *, sealing: bool) -> Written:
    with open_reader(session.location) as reader:
        cipher = load_cipher(session.location, session.environ, reader) if sealing else None
        now = timestamp(session.clock.now())
        proposal = rehearse(writing, reader, cipher, now=now, new_key=not reader.holds_sealed())
    return Written(tuple(writing.rewrites), proposal, None)


def _written(session: Session, verb: str, writing: Writing, asked: Asked, *, sealing: bool) -> Written:
    with open_present_store(session.location, session.environ, session.clock, sealing=sealing) as store:
        done = write(writing, store.reader, store.writer, store.cipher, session.clock, asked.meta(verb))
    return Written(tuple(writing.rewrites), done.proposal, done.revision)
