"""lint.md: every rule, with an example that it finds and one that it passes."""

from reconciler.control.lint.rule import Rule, Severity
from reconciler.control.lint.table import RULES
from scripts.reference.markdown import GENERATED, block, code, joined, table

_INTRODUCTION = """\
`routerctl lint -f PATH` says all that `validate` says, and what a careful reviewer would. It needs no store, no secrets
and no network. `-k DIR` reviews an overlay as it is built.

- **Exit code**: 3 where something is at or above `--fail-on` (`warning` by default), else 0. A rule of severity `info`
  says what is worth a look and ends nothing, unless `--fail-on info` asks for it.
- **Output**: `-o text`, `json`, `yaml`, `jsonpath=`; `sarif` for code scanning; `github` for annotations of a GitHub
  workflow.
- **Leaving a rule out**: `--disable ID` for a whole run. In a file, a comment:

```yaml
spec:
  config:
    baseURL: http://llm.acme.com/v1 # routerctl-lint: disable=http-to-public-host inside the VPN
    # routerctl-lint: disable=timeout-too-long,timeout-too-short measured in March
    timeout: 20m
```

A comment at the end of a line counts for that line; one on a line of its own for the next line that is no comment, or,
above everything else of a document, for the whole document. `disable-file=ID` counts for the whole file, wherever it
stands. What follows the ids is the reason. A comment that names no rule, or silences nothing, is reported.

The examples leave out `apiVersion: routerctl.dev/v1`."""


def page() -> str:
    lines = ["# Lint rules", "", GENERATED, "", *_INTRODUCTION.splitlines(), ""]
    lines += table(
        ("Rule", "Severity", "Says"),
        [(f"[{rule.id}](#{rule.id})", rule.severity.word, rule.summary) for rule in RULES.values()],
    )
    counts = [
        sum(rule.severity is each for rule in RULES.values()) for each in sorted(Severity, reverse=True)
    ]
    lines += [
        "",
        f"{len(RULES)} rules: {counts[0]} of severity error, {counts[1]} warning, {counts[2]} info.",
    ]
    for rule in RULES.values():
        lines += ["", *_section(rule)]
    return joined(lines)


def _section(rule: Rule) -> list[str]:
    facts = f"Severity {code(rule.severity.word)}. Looks at: {rule.applies}."
    if rule.final:
        facts += " Can't be silenced."
    elif rule.together:
        facts += " Waits until all files could be read."
    return [
        f"## {rule.id}",
        "",
        f"{rule.summary} {rule.why}",
        "",
        facts,
        "",
        "Found:",
        "",
        *block(rule.bad),
        "",
        "Fine:",
        "",
        *block(rule.good),
    ]
