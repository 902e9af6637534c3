"""Rules on the files themselves: what reads them, what they leave open, and the comments that silence rules."""

import re
from collections.abc import Iterator

from reconciler.control.lint.declarations import Declarations
from reconciler.control.lint.rule import Remark, Rule, Severity
from reconciler.control.manifest.round_trip.text import unreadable

INVALID = "invalid"
DANGLING_REFERENCE = "dangling-reference"
BAD_SUPPRESSION = "bad-suppression"
UNUSED_SUPPRESSION = "unused-suppression"

_VALUE = r'(?:[A-Za-z0-9_./](?:[A-Za-z0-9_./+-]|:[A-Za-z0-9/])*|"[A-Za-z0-9_./:+ *-]*"|\{\}|\[\])'
_PLAIN_LINE = rf"(?: *(?:- )?(?:[A-Za-z][A-Za-z0-9_./-]*:(?: {_VALUE})?)?| *- {_VALUE}| *#[ -~]*|---)\r?\n"
_PLAIN = re.compile(rf"(?:{_PLAIN_LINE})+")
"""Text that every loader reads alike. The round-trip loader is slow, and nearly all documents are of this form."""


def _unreadable_by_edit(files: Declarations) -> Iterator[Remark]:
    seen = set()
    for key in sorted(files.declared):
        document = files.declared[key].document
        place = (document.file, document.line)
        if place in seen or _PLAIN.fullmatch(document.text):
            continue
        seen.add(place)
        problem = unreadable(document)
        if problem is not None:
            hint = "write it in another way"
            yield Remark(key, (), f"can't be changed in place: {problem.message}", hint, problem.location)


_VALID = """\
kind: Model
metadata: {name: phi}
spec: {contextWindow: 8192}
"""

ROWS: tuple[Rule, ...] = (
    Rule(
        INVALID,
        Severity.ERROR,
        "every file",
        "What validate calls an error.",
        "Apply refuses such files, so no comment and no option silences it. Rules that look at several resources wait "
        "until there is none left.",
        """\
kind: Model
metadata: {name: phi}
spec: {contextWindows: 8192}
""",
        _VALID,
        final=True,
    ),
    Rule(
        DANGLING_REFERENCE,
        Severity.WARNING,
        "references of Bindings, Providers and Settings",
        "A reference to something that these files don't hold.",
        "Apply decides it against the store, where another source may hold it. Silence it with the reason where that is so.",
        """\
kind: Binding
metadata: {name: phi-local}
spec: {model: phi, provider: local}
""",
        """\
kind: Provider
metadata: {name: local}
spec: {type: lm-studio, config: {baseURL: "http://localhost:1234"}}
---
kind: Model
metadata: {name: phi}
spec: {}
---
kind: Binding
metadata: {name: phi-local}
spec: {model: phi, provider: local}
""",
    ),
    Rule(
        "unreadable-by-edit",
        Severity.WARNING,
        "every document",
        "A document that export --dir and edit can't change in place.",
        "They keep comments and layout, for which they read more strictly than apply does: here it is the tab behind the "
        "colon. Such a document has to be changed by hand.",
        """\
kind: Model
metadata: {name: phi}
spec:
  displayName:\tPhi
""",
        _VALID,
        _unreadable_by_edit,
    ),
    Rule(
        BAD_SUPPRESSION,
        Severity.WARNING,
        "comments that begin with routerctl-lint:",
        "A comment to lint that can't be understood, or names a rule that there is not.",
        "It silences nothing, though it reads as if it did.",
        """\
kind: Model
metadata: {name: phi}
spec: {} # routerctl-lint: disable=no-such-rule
""",
        _VALID,
    ),
    Rule(
        UNUSED_SUPPRESSION,
        Severity.WARNING,
        "comments that begin with routerctl-lint:",
        "A comment that silences nothing.",
        "What it was written for has gone; left in place, it would hide the next one.",
        """\
kind: Model
metadata: {name: phi}
spec: {contextWindow: 8192} # routerctl-lint: disable=output-exceeds-context
""",
        _VALID,
    ),
)
