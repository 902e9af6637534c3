"""Whether a regular expression can be made slow, by what it is and not by how long it took once.

A backtracking engine is slow where a text can be read in many ways. The pattern becomes a graph of its positions, one
for each character that it takes (Glushkov). Exponential: a position comes back to itself on one text along two ways.
Quadratic: from one loop to another on a text that both loops take as well; a search begins with a loop of its own, that
of the places where it may begin (Weideman and others, "Analyzing matching time behavior of backtracking regular
expression matchers by using ambiguity of NFA", CIAA 2016).

Possessive and atomic parts are never read again, so each counts as one position. Repeats of more than 9 count as endless.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

_constants, _parser = (
    import_module("re._constants"),
    import_module("re._parser"),
)  # its own reading of a pattern
ALPHABET = [*range(256), 0x3B1, 0x4E2D, 0x2028, 0x1F30D]
EVERYTHING = frozenset(ALPHABET)
_ENDLESS = 9
_CONDITIONS = {"AT", "ASSERT", "ASSERT_NOT"}
_CATEGORIES: dict[object, Callable[[str], bool]] = {
    _constants.CATEGORY_DIGIT: str.isdigit,
    _constants.CATEGORY_NOT_DIGIT: lambda each: not each.isdigit(),
    _constants.CATEGORY_SPACE: str.isspace,
    _constants.CATEGORY_NOT_SPACE: lambda each: not each.isspace(),
    _constants.CATEGORY_WORD: lambda each: each.isalnum() or each == "_",
    _constants.CATEGORY_NOT_WORD: lambda each: not (each.isalnum() or each == "_"),
}
Node = tuple[Any, Any]


@dataclass
class Part:
    """A part of a pattern: where it may begin and end, in how many ways (at most 2 are told apart), and with nothing."""

    first: dict[int, int] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)
    empty: int = 1


@dataclass
class Graph:
    takes: list[frozenset[int]] = field(default_factory=list)
    ways: dict[int, dict[int, int]] = field(default_factory=dict)

    def position(self, characters: frozenset[int]) -> Part:
        self.takes.append(characters)
        at = len(self.takes) - 1
        self.ways[at] = {}
        return Part({at: 1}, {at: 1}, 0)

    def join(self, ends: dict[int, int], begins: dict[int, int]) -> None:
        for end, left in ends.items():
            for begin, right in begins.items():
                self.ways[end][begin] = min(2, self.ways[end].get(begin, 0) + left * right)


def slow(pattern: "re.Pattern[Any]", *, searched: bool = False, whole: bool = False) -> str | None:
    """`exponential`, `quadratic`, or None. `searched`: a match may begin anywhere; `whole`: it ends where the text ends.

    Where it may end anywhere, a loop behind which nothing can fail is never gone back into.
    """
    graph = Graph()
    text = pattern.pattern.decode("latin-1") if isinstance(pattern.pattern, bytes) else pattern.pattern
    tree = _parser.parse(
        text, pattern.flags & ~re.DEBUG if isinstance(pattern.pattern, str) else _of_bytes(pattern)
    )
    nodes = list(tree)
    read = _sequence(graph, nodes, pattern.flags)
    _told_apart(graph)
    fails_behind = whole or bool(nodes and str(nodes[-1][0]) in _CONDITIONS)
    done = frozenset() if fails_behind else frozenset(read.last)
    if _exponential(graph, done):
        return "exponential"
    if searched:
        start = graph.position(EVERYTHING)
        graph.join(start.last, start.first)
        graph.join(start.last, read.first)
    return "quadratic" if _quadratic(graph, done) else None


def _told_apart(graph: Graph) -> None:
    """One character stands for all that are taken at the same positions."""
    signs: dict[tuple[bool, ...], int] = {}
    kept = {signs.setdefault(tuple(each in taken for taken in graph.takes), each) for each in ALPHABET}
    graph.takes = [taken & kept for taken in graph.takes]


def _of_bytes(pattern: "re.Pattern[Any]") -> int:
    return pattern.flags & (re.IGNORECASE | re.DOTALL | re.MULTILINE | re.VERBOSE) | re.ASCII


def _sequence(graph: Graph, nodes: Iterable[Node], flags: int) -> Part:
    whole = Part()
    for node in nodes:
        part = _part(graph, node, flags)
        graph.join(whole.last, part.first)
        first = _added(whole.first, part.first, whole.empty)
        last = _added(part.last, whole.last, part.empty)
        whole = Part(first, last, min(2, whole.empty * part.empty))
    return whole


def _added(one: dict[int, int], other: dict[int, int], times: int) -> dict[int, int]:
    more = {at: min(2, one.get(at, 0) + ways * times) for at, ways in other.items() if times}
    return {**one, **more}


def _part(graph: Graph, node: Node, flags: int) -> Part:
    op, given = node
    name = str(op)
    if name == "AT" and given in {_constants.AT_END, _constants.AT_END_STRING}:
        return Part(empty=0)  # nothing is read behind it
    if name in _CONDITIONS:
        return Part()
    if name == "SUBPATTERN":
        return _sequence(graph, given[3], (flags | given[1]) & ~given[2])
    if name == "BRANCH":
        return _branch(graph, given[1], flags)
    if name in {"MAX_REPEAT", "MIN_REPEAT"}:
        least, most, inner = given
        return _repeat(graph, int(least), int(most), inner, flags)
    if name in {"POSSESSIVE_REPEAT", "ATOMIC_GROUP", "GROUPREF"}:
        return _opaque(graph, node, flags)
    return graph.position(_characters(node, flags))


def _branch(graph: Graph, branches: Iterable[Iterable[Node]], flags: int) -> Part:
    whole = Part(empty=0)
    for branch in branches:
        part = _sequence(graph, branch, flags)
        first, last = _added(whole.first, part.first, 1), _added(whole.last, part.last, 1)
        whole = Part(first, last, min(2, whole.empty + part.empty))
    return whole


def _repeat(graph: Graph, least: int, most: int, inner: Iterable[Node], flags: int) -> Part:
    if (
        most > _ENDLESS
    ):  # one loop; that it has to be gone through `least` times narrows what is slow, and is left out
        part = _sequence(graph, inner, flags)
        graph.join(part.last, part.first)
        return Part(part.first, part.last, max(part.empty, int(least == 0)))
    whole = Part()
    for number in reversed(range(most)):
        part = _sequence(graph, inner, flags)
        graph.join(part.last, whole.first)
        first = _added(part.first, whole.first, part.empty)
        last = _added(whole.last, part.last, whole.empty)
        whole = Part(first, last, max(whole.empty * part.empty, int(number >= least)))
    return whole


def _opaque(graph: Graph, node: Node, flags: int) -> Part:
    op, given = node
    if str(op) == "GROUPREF":
        return graph.position(EVERYTHING)
    inside = Graph()
    nodes = given if str(op) == "ATOMIC_GROUP" else given[2]
    _sequence(inside, nodes, flags)
    part = graph.position(frozenset[int]().union(*inside.takes))
    return Part(part.first, part.last, int(str(op) == "POSSESSIVE_REPEAT" and given[0] == 0))


def _characters(node: Node, flags: int) -> frozenset[int]:
    op, given = node
    match str(op):
        case "ANY":
            return EVERYTHING if flags & re.DOTALL else EVERYTHING - {10}
        case "NOT_LITERAL":
            return EVERYTHING - _characters((_constants.LITERAL, given), flags)
        case "LITERAL":
            return _cased({given}, flags)
        case "RANGE":
            return _cased({each for each in ALPHABET if given[0] <= each <= given[1]}, flags)
        case "CATEGORY":
            most = 128 if flags & re.ASCII else 0x110000
            positive = str(given).replace("NOT_", "")
            found = {
                each
                for each in ALPHABET
                if each < most and _CATEGORIES[getattr(_constants, positive)](chr(each))
            }
            return EVERYTHING - found if "NOT_" in str(given) else frozenset(found)
        case "IN":
            negated = bool(given) and str(given[0][0]) == "NEGATE"
            members = frozenset[int]().union(*(_characters(each, flags) for each in given[negated:]))
            return EVERYTHING - members if negated else members
        case other:
            raise AssertionError(f"a part of a pattern that is not known here: {other}")


def _cased(found: "set[int]", flags: int) -> frozenset[int]:
    if not flags & re.IGNORECASE:
        return frozenset(found)
    return frozenset(
        found
        | {ord(way) for each in found for way in (chr(each).lower(), chr(each).upper()) if len(way) == 1}
    )


def _reached(
    graph: Graph, start: tuple[int, ...], inside: Callable[[tuple[int, ...]], bool]
) -> set[tuple[int, ...]]:
    """All that can be come to in one step or more, each place at a time on the same text."""
    found: set[tuple[int, ...]] = set()
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for there in _steps(graph, here, 0, EVERYTHING):
            if there not in found and inside(there):
                found.add(there)
                waiting.append(there)
    return found


def _steps(
    graph: Graph, here: tuple[int, ...], at: int, common: frozenset[int]
) -> "Iterable[tuple[int, ...]]":
    if at == len(here):
        yield ()
        return
    for way in graph.ways[here[at]]:
        left = common & graph.takes[way]
        if left:
            yield from ((way, *rest) for rest in _steps(graph, here, at + 1, left))


def _loops(graph: Graph) -> dict[int, set[int]]:
    """Each position that can come back to itself, with all that it passes on such a way."""
    reach = {at: {each for (each,) in _reached(graph, (at,), lambda _: True)} for at in graph.ways}
    return {at: {each for each in reach[at] if at in reach[each]} for at in graph.ways if at in reach[at]}


def _exponential(graph: Graph, done: frozenset[int]) -> bool:
    loops = _loops(graph)
    return any(_splits(graph, at, around) for at, around in loops.items() if not around & done)


def _splits(graph: Graph, at: int, around: set[int]) -> bool:
    """Whether there are two ways around on one text."""
    if any(graph.ways[each].get(other, 0) > 1 for each in around for other in around):
        return True
    pairs = _reached(graph, (at, at), lambda pair: set(pair) <= around)
    apart = [pair for pair in pairs if pair[0] != pair[1]]
    return any((at, at) in _reached(graph, pair, lambda each: set(each) <= around) for pair in apart)


def _quadratic(graph: Graph, done: frozenset[int]) -> bool:
    loops = _loops(graph)
    return any(
        _passes(graph, one, other, loops)
        for one in loops
        for other in loops
        if one != other and not loops[other] & done
    )


def _passes(graph: Graph, one: int, other: int, loops: dict[int, set[int]]) -> bool:
    """Whether some text leads round the first, round the second, and from the first to the second."""
    first, second = loops[one], loops[other]
    found = _reached(graph, (one, one, other), lambda three: three[0] in first and three[2] in second)
    return (one, other, other) in found
