"""exit-codes.md: what a command ends with, as reconciler/errors.py has it."""

import re
from collections.abc import Iterator

from reconciler import errors
from reconciler.errors import RouterctlError
from scripts.reference.markdown import GENERATED, code, joined, table

_LINE = re.compile(r"^ *[│ ]*[├└]── (?P<name>\w+) +(?:(?P<code>\d+) +)?(?P<meaning>.+)$", re.MULTILINE)
"""A class in the tree of the module's docstring."""

_OTHERS = {
    0: ("-", "done, or the same as before"),
    1: (
        "-",
        "differences, of `diff`, `import --verify` and `migrate` alone; a secret where none should be, of `secret audit`",
    ),
    2: ("-", "wrong usage: an option, an argument, a word that there is not"),
    70: (code(RouterctlError.reason), "a bug; the message says where its report lies"),
    130: ("-", "Ctrl-C"),
    141: ("-", "nobody reads the output any more, as with `routerctl history | head -1`"),
}
"""What no error of routerctl's own stands for."""

_INTRODUCTION = """\
Data goes to stdout, everything else to stderr: an error says where, what is wrong, and what to do. The reason is the
word for programs: the condition of a provider that is refused bears it, too."""

_FOR_SCRIPTS = """\
## In scripts

`diff` ends with 1 where there are differences, as `diff` and `kubectl diff` do, so `set -e` needs a word:

```sh
routerctl diff -f manifests && code=0 || code=$?
if [ "$code" -gt 1 ]; then exit "$code"; fi
```

`lint` ends with 3 where a finding is at or above `--fail-on`, `diff`, `apply` with 4 where the impact on traffic holds
what their `--fail-on` names. A command with `--wait` that changes the store ends with 6, 7 or 8 after the revision was committed:
the store is changed, and the message says so."""


def page() -> str:
    rows = sorted(_rows())
    lines = ["# Exit codes", "", GENERATED, "", *_INTRODUCTION.splitlines(), ""]
    lines += table(
        ("Code", "Reason", "Means"), [(str(number), reason, meaning) for number, reason, meaning in rows]
    )
    lines += ["", *_FOR_SCRIPTS.splitlines()]
    return joined(lines)


def _rows() -> Iterator[tuple[int, str, str]]:
    """Raises ValueError for an error that the docstring does not tell, or tells with another code."""
    told = {found["name"]: found for found in _LINE.finditer(errors.__doc__ or "")}
    raised = {kind.__name__: kind for kind in _below(RouterctlError)}
    if told.keys() != raised.keys():
        raise ValueError(f"told or raised alone: {sorted(told.keys() ^ raised.keys())}")
    for name, found in told.items():
        kind = raised[name]
        if found["code"] not in (None, str(kind.exit_code)):
            raise ValueError(f"{name} ends with {kind.exit_code}, not {found['code']}")
        yield kind.exit_code, code(kind.reason), found["meaning"]
    for number, (reason, meaning) in _OTHERS.items():
        yield number, reason, meaning


def _below(kind: type[RouterctlError]) -> Iterator[type[RouterctlError]]:
    """Those of errors.py itself: what others derive says the same."""
    for each in kind.__subclasses__():
        if each.__module__ == errors.__name__:
            yield each
            yield from _below(each)
