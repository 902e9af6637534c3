"""Runs the rules over what was read, and takes out what comments silence."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.control.lint.declarations import Declarations
from reconciler.control.lint.file_rules import BAD_SUPPRESSION, INVALID, UNUSED_SUPPRESSION
from reconciler.control.lint.rule import Finding, Remark, Rule, Severity
from reconciler.control.lint.suppressions import Suppression, suppressions
from reconciler.control.lint.table import RULES
from reconciler.control.manifest.decode import Declared
from reconciler.control.manifest.document import Location, Problem, field_path
from reconciler.control.manifest.suggestions import suggestion


@dataclass(frozen=True, slots=True)
class Report:
    """Findings by file, as they were read, then by place. `silenced` counts what comments took out."""

    findings: tuple[Finding, ...]
    silenced: int = 0

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)

    def worst(self) -> Severity | None:
        return max((finding.severity for finding in self.findings), default=None)


def lint(
    declared: Sequence[Declared],
    problems: Iterable[Problem],
    texts: Mapping[str, str],
    *,
    files: Sequence[str] = (),
    disabled: Collection[str] = (),
    partial: Sequence[Declared] = (),
) -> Report:
    """All that is to be said of the files.

    problems: what validates them says. texts: the files by name, where comments are looked for. disabled: ids of rules.
    partial: what has errors, as far as it has none: others are judged beside it, and it is not.
    """
    told = [finding for problem in problems if (finding := _as_finding(problem)) is not None]
    invalid = any(finding.rule == INVALID for finding in told)
    unread = any(finding.rule == INVALID and finding.key is None for finding in told)
    found = [*told, *_remarks(declared, partial, together=not unread)]
    comments = suppressions(texts)
    used: set[tuple[Suppression, str]] = set()
    kept, silenced = [], 0
    for finding in found:
        covering = [comment for comment in comments if comment.covers(finding.rule, finding.location)]
        if covering and not RULES[finding.rule].final:
            used.update((comment, finding.rule) for comment in covering)
            silenced += finding.rule not in disabled
        else:
            kept.append(finding)
    kept += _bad(comments)
    if not invalid:
        kept += _unused(comments, used, disabled)
    shown = [finding for finding in kept if finding.rule not in disabled]
    return Report(_in_order(shown, files), silenced)


def _as_finding(problem: Problem) -> Finding | None:
    """What validate says. A warning that names no rule is not about the files."""
    if problem.warning and problem.rule is None:
        return None
    rule = RULES[problem.rule or INVALID]
    return Finding(
        rule.id, rule.severity, problem.location, problem.message, problem.key, problem.field, problem.hint
    )


def _remarks(
    declared: Sequence[Declared], partial: Sequence[Declared], *, together: bool
) -> Iterator[Finding]:
    """What looks at several resources waits where a document could not be read: nobody knows what it declares."""
    alone, known = Declarations(declared), Declarations([*partial, *declared])
    for rule in RULES.values():
        if rule.check is None or (rule.together and not together):
            continue
        for remark in rule.check(known if rule.together else alone):
            if remark.key in alone.declared:
                yield _finding(rule, remark, alone)


def _finding(rule: Rule, remark: Remark, known: Declarations) -> Finding:
    place = remark.location or known.declared[remark.key].document.locate(remark.field)
    field = field_path(remark.field) or None
    return Finding(rule.id, rule.severity, place, remark.message, remark.key, field, remark.hint)


def _bad(comments: Iterable[Suppression]) -> Iterator[Finding]:
    for comment in comments:
        if comment.ids is None:
            hint = "write # routerctl-lint: disable=ID[,ID] reason, or disable-file="
            yield _about(BAD_SUPPRESSION, comment, "not understood", hint)
            continue
        for word in comment.ids:
            if word not in RULES:
                meant = suggestion(word, RULES)
                message = f'there is no rule "{word}"' + (f'; did you mean "{meant}"?' if meant else "")
                yield _about(BAD_SUPPRESSION, comment, message, None if meant else "see lint --list")
            elif RULES[word].final:
                yield _about(BAD_SUPPRESSION, comment, f'"{word}" can\'t be silenced', "mend what it says")


def _unused(
    comments: Iterable[Suppression], used: Collection[tuple[Suppression, str]], disabled: Collection[str]
) -> Iterator[Finding]:
    for comment in comments:
        for word in comment.ids or ():
            known = word in RULES and not RULES[word].final and word not in disabled
            if known and (comment, word) not in used:
                yield _about(UNUSED_SUPPRESSION, comment, f'"{word}" says nothing here', "delete the comment")


def _about(rule: str, comment: Suppression, message: str, hint: str | None) -> Finding:
    return Finding(rule, RULES[rule].severity, comment.location, message, hint=hint)


def _in_order(findings: Iterable[Finding], files: Sequence[str]) -> tuple[Finding, ...]:
    ranks = {name: rank for rank, name in reversed(list(enumerate(files)))}

    def place(finding: Finding) -> tuple[int, int, int, str]:
        file, line, column = finding.location or Location("", 0, 0)
        return ranks.get(file, len(files)), line, column, finding.rule

    return tuple(sorted(findings, key=place))
