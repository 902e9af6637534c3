"""What is counted, and where each number stands: blocks of cells, one for all requests of one kind.

A request of the common kind moves the cells of one block and nothing else. What `/metrics` shows is folded from the
blocks when somebody asks. Label sets are bounded: models and providers are those that the configuration names, at most
MAX_LABELS of each. Durations are microseconds.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol, TypeAlias

from reconciler.json_types import JsonObject

MICROS: Final = 1_000_000

SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
"""Upper bounds of durations: those that OpenTelemetry's conventions ask of gen_ai.client.operation.duration."""

FIRST_SECONDS = (0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""Of the time to the first byte: those of gen_ai.server.time_to_first_token."""

OWN_SECONDS = (0.000025, 0.00005, 0.0001, 0.0002, 0.0004, 0.0008, 0.0016, 0.0032, 0.0064, 0.0256, 0.1024)
"""Of the gateway's own time."""

TOKENS = tuple(4**power for power in range(14))
"""Of tokens: those of gen_ai.client.token.usage."""

OVER = "+Inf"
"""The bucket of what is longer, or more, than the last bound."""

Labels: TypeAlias = tuple[str, ...]
"""The name of a block or counter, and then its labels."""


class Cells(Protocol):
    """Numbers that only grow; one writer each."""

    def __getitem__(self, place: int, /) -> int: ...

    def __setitem__(self, place: int, number: int, /) -> None: ...


class Tally(Protocol):
    """Where the numbers are kept."""

    def cells(self, labels: Labels, size: int) -> Cells:
        """The same ones for the same labels, which always come with the same size. They begin at zero."""
        ...

    def counts(self) -> Mapping[Labels, Sequence[int]]: ...


class MemoryTally:
    """In this process alone: what it counted ends with it."""

    def __init__(self) -> None:
        self._cells: dict[Labels, list[int]] = {}

    def cells(self, labels: Labels, size: int) -> Cells:
        return self._cells.setdefault(labels, [0] * size)

    def counts(self) -> Mapping[Labels, Sequence[int]]:
        return self._cells


class Part(NamedTuple):
    """A histogram in a block: from `start` a cell for each bound, one for what is over, then the sum."""

    start: int
    bounds: tuple[float, ...]
    scale: int = 1
    """What a bound is multiplied with for its label."""

    @property
    def sum(self) -> int:
        return self.start + len(self.bounds) + 1

    @property
    def end(self) -> int:
        return self.sum + 1

    def bound(self, place: int) -> str:
        """The label of a bucket."""
        return OVER if place == len(self.bounds) else str(round(self.bounds[place] * self.scale))


DURATION_SUM: Final = 15
FIRST_START: Final = 16
FIRST_SUM: Final = 33
OWN_START: Final = 34
OWN_SUM: Final = 46
INPUT_START: Final = 47
INPUT_SUM: Final = 62
OUTPUT_START: Final = 63
OUTPUT_SUM: Final = 78
ESTIMATED_INPUT: Final = 79
ESTIMATED_OUTPUT: Final = 80
APART: Final = 81
"""Requests whose attempts are counted by themselves: all others had one, which was answered."""
SIZE: Final = 82
"""Written out, since compiled code has such numbers in it and looks up nothing. The parts stand without a gap."""

DURATION = Part(0, SECONDS, MICROS)
FIRST = Part(FIRST_START, FIRST_SECONDS, MICROS)
OWN = Part(OWN_START, OWN_SECONDS, MICROS)
INPUT = Part(INPUT_START, TOKENS)
OUTPUT = Part(OUTPUT_START, TOKENS)

SERIES = "series"
"""The name of a block; its labels: endpoint, model, provider, status, ending, "stream" or "plain"."""

OPERATIONS = {"chat": "chat", "messages": "chat", "responses": "chat", "completions": "text_completion"}
"""gen_ai.operation.name by endpoint, where it is not the endpoint's own name."""

_NO_PROVIDER = "none"


def bucket(bounds: tuple[float, ...], value: float) -> int:
    """The first one that holds it."""
    return bisect_left(bounds, value)


def nested(counts: Mapping[Labels, Sequence[int]]) -> JsonObject:
    """Nested by label, integers at the leaves, so that whoever adds them up needs to know nothing of it.

    requests.ENDPOINT.MODEL.PROVIDER.2xx, endings.ENDPOINT.ENDING, attempts.PROVIDER, failures.PROVIDER.FAILURE,
    skipped.PROVIDER.REASON, retries.PROVIDER, fallbacks.FROM.TO, (tokens|tokens_estimated).MODEL.PROVIDER.(input|output),
    records.(written|WHY NOT), beside.PROVIDER.(hedge|part), shadows.PROVIDER.(2xx|WHY NOT),
    shadow_tokens.PROVIDER.(input|output); and histograms, each (count|sum|buckets.BOUND), of buckets that count their own range
    alone: (duration|first_byte).ENDPOINT.PROVIDER, shadow_duration.PROVIDER, overhead.ENDPOINT, operation.OPERATION.PROVIDER.MODEL.ERROR,
    first_chunk.OPERATION.PROVIDER.MODEL, token_usage.OPERATION.PROVIDER.MODEL.(input|output).
    """
    tree: JsonObject = {}
    for labels, cells in counts.items():
        if labels[0] == SERIES and len(labels) == 7 and len(cells) == SIZE:
            _fold(tree, labels, cells)
        elif len(cells) == 1 and cells[0]:
            _add(tree, labels, cells[0])
    return tree


def _fold(tree: JsonObject, labels: Labels, cells: Sequence[int]) -> None:
    _, endpoint, model, provider, status, ending, shape = labels
    requests = sum(cells[DURATION.start : DURATION.sum])
    if not requests:
        return
    _add(tree, ("requests", endpoint, model, provider, f"{status[:1]}xx"), requests)
    _add(tree, ("endings", endpoint, ending), requests)
    _observe(tree, ("duration", endpoint, provider), DURATION, cells)
    _observe(tree, ("first_byte", endpoint, provider), FIRST, cells)
    _observe(tree, ("overhead", endpoint), OWN, cells)
    for way, part, estimated in (
        ("input", INPUT, ESTIMATED_INPUT),
        ("output", OUTPUT, ESTIMATED_OUTPUT),
    ):
        if any(cells[part.start : part.end]):
            _add(tree, ("tokens", model, provider, way), cells[part.sum])
        if cells[ESTIMATED_INPUT] or cells[ESTIMATED_OUTPUT]:
            _add(tree, ("tokens_estimated", model, provider, way), cells[estimated])
    if provider == _NO_PROVIDER:
        return
    if requests > cells[APART]:
        _add(tree, ("attempts", provider), requests - cells[APART])
    operation = (OPERATIONS.get(endpoint, endpoint), provider, model)
    error = status if status >= "4" else "" if ending == "complete" else ending
    _observe(tree, ("operation", *operation, error), DURATION, cells)
    if shape == "stream":
        _observe(tree, ("first_chunk", *operation), FIRST, cells)
    _observe(tree, ("token_usage", *operation, "input"), INPUT, cells)
    _observe(tree, ("token_usage", *operation, "output"), OUTPUT, cells)


def _observe(tree: JsonObject, labels: Labels, part: Part, cells: Sequence[int]) -> None:
    observed = [(place, number) for place, number in _buckets(part, cells) if number]
    if not observed:
        return
    _add(tree, (*labels, "count"), sum(number for _, number in observed))
    _add(tree, (*labels, "sum"), cells[part.sum])
    for place, number in observed:
        _add(tree, (*labels, "buckets", part.bound(place)), number)


def _buckets(part: Part, cells: Sequence[int]) -> Iterator[tuple[int, int]]:
    return enumerate(cells[part.start : part.sum])


def _add(tree: JsonObject, labels: Labels, number: int) -> None:
    place = tree
    for label in labels[:-1]:
        inner = place.setdefault(label, {})
        assert isinstance(inner, dict)
        place = inner
    before = place.get(labels[-1], 0)
    assert isinstance(before, int)
    place[labels[-1]] = before + number
