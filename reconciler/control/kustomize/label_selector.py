"""Label selectors as Kubernetes writes them: `tier=gold, env in (dev,prod), !legacy`. Each term must hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_NAME = r"[A-Za-z0-9][A-Za-z0-9._/-]*"
_TERM = re.compile(
    rf"\s*(?:!\s*(?P<absent>{_NAME})"
    rf"|(?P<name>{_NAME})(?:"
    r"\s*(?P<sign>==?|!=)\s*+(?P<value>[A-Za-z0-9._-]*)"
    r"|\s+(?P<word>in|notin)\s*\((?P<values>[A-Za-z0-9._,\s-]*)\))?)\s*(?:,|\Z)"
)
"""With the comma behind it. What ends without one, ends the selector."""


class SelectorError(Exception):
    """The text is no selector."""


@dataclass(frozen=True, slots=True)
class Term:
    """`values` None: the label itself counts. `negated`: none of them, or no such label."""

    name: str
    values: frozenset[str] | None = None
    negated: bool = False

    def holds(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.name)
        found = value is not None if self.values is None else value in self.values
        return found is not self.negated


def parse_selector(text: str) -> tuple[Term, ...]:
    """The terms; none for an empty text, which everything fits. Raises SelectorError."""
    if not text.strip():
        return ()
    terms: list[Term] = []
    position, more = 0, True
    while more:
        matched = _TERM.match(text, position)
        if matched is None:
            raise SelectorError(
                "no label selector: write name=value, name!=value, name in (a,b), name or !name"
            )
        terms.append(_term(matched))
        position, more = matched.end(), matched[0].endswith(",")
    return tuple(terms)


def _term(matched: re.Match[str]) -> Term:
    if matched["absent"] is not None:
        return Term(matched["absent"], negated=True)
    if matched["sign"] is not None:
        return Term(matched["name"], frozenset({matched["value"]}), matched["sign"] == "!=")
    if matched["word"] is not None:
        values = frozenset(value.strip() for value in matched["values"].split(","))
        return Term(matched["name"], values, matched["word"] == "notin")
    return Term(matched["name"])
