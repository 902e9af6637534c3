"""What the first token of the management listener would cut off is told, and kept where somebody says so.

Until then nobody but this machine's own user writes Providers, and they may be on this machine or a private network. From
then on such a place has to be allowed.
"""

import sys

import click

from reconciler.api.writes import Writes
from reconciler.cli.output import counted
from reconciler.control.egress import CutOff
from reconciler.errors import Refused


def keeping(writes: Writes, *, keep: bool | None) -> bool:
    """What becomes of them. `keep` None: asks, where somebody is there to answer. All that is said goes to stderr.

    Raises Refused where nobody is there.
    """
    found = writes.first_cuts_off()
    if found is None or not found.providers:
        return False
    click.echo(_words(found), err=True)
    return _ask() if keep is None else keep


def _words(found: CutOff) -> str:
    lines = [f"The first token cuts off {counted(len(found.providers), 'Provider')}:"]
    lines += [f"  {key}: {reason}" for key, reason in found.providers.items()]
    lines += ["To keep them, Settings/default needs, in spec.egress.allow:"]
    lines += [f"  {line}" for line in found.lines]
    return "\n".join(lines)


def _ask() -> bool:
    if not sys.stdin.isatty():
        raise Refused(
            "nothing was done: nobody is there to say what becomes of them",
            hint="say --keep-providers to write these lines, or --cut-off",
        )
    return click.confirm("Write these lines?", default=True, err=True)
