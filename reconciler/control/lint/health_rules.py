"""Rules on Provider.spec.health: how it is looked at, and how long it is left alone."""

from collections.abc import Iterator

from reconciler.control.lint.declarations import Declarations
from reconciler.control.lint.rule import Remark, Rule, Severity
from reconciler.field_values import milliseconds
from reconciler.json_types import JsonValue, value_at

_HEALTH = ("spec", "health")
_OFTEN = 1_000
_LONG = 300_000


def _durations(files: Declarations, *path: str) -> Iterator[tuple[Remark, int]]:
    """The field of each provider that has it, as a remark without words, and its milliseconds."""
    for provider in files.of_kind("Provider"):
        written: JsonValue = value_at(provider.spec, ("health", *path))
        if isinstance(written, str | int):
            yield Remark(provider.key, (*_HEALTH, *path), "", ""), milliseconds(written)


def _probed_too_often(files: Declarations) -> Iterator[Remark]:
    for remark, value in _durations(files, "probe", "interval"):
        if value < _OFTEN:
            often = f"{value} ms: {60_000 // max(value, 1)} requests a minute that no client asked for"
            yield Remark(remark.key, remark.field, often, "write at least 1s")


def _left_alone_too_long(files: Declarations) -> Iterator[Remark]:
    for remark, value in _durations(files, "openFor"):
        if value > _LONG:
            long = f"{value // 1000} s is long: a provider that is well again gets no requests for that time"
            yield Remark(remark.key, remark.field, long, "write at most 5m; it is asked by one request then")


def _never_left_alone(files: Declarations) -> Iterator[Remark]:
    for provider in files.of_kind("Provider"):
        if value_at(provider.spec, ("health", "failureThreshold")) == 0:
            yield Remark(
                provider.key,
                (*_HEALTH, "failureThreshold"),
                "0: it is always asked first, and each request waits for its failure",
                "leave it out (5), or write a large one",
            )


ROWS: tuple[Rule, ...] = (
    Rule(
        "probe-too-often",
        Severity.WARNING,
        "Provider health.probe.interval",
        "A probe more often than once a second.",
        "Each probe is a request with the provider's key: it may count against a rate limit, and it wakes a machine that "
        "sleeps. What clients see fails is noticed without probes, by circuits.",
        """\
kind: Provider
metadata: {name: local}
spec:
  type: lm-studio
  config: {baseURL: "http://localhost:1234"}
  health: {probe: {interval: 100ms, timeout: 100ms}}
""",
        """\
kind: Provider
metadata: {name: local}
spec:
  type: lm-studio
  config: {baseURL: "http://localhost:1234"}
  health: {probe: {interval: 5s}}
""",
        _probed_too_often,
    ),
    Rule(
        "left-alone-too-long",
        Severity.WARNING,
        "Provider health.openFor",
        "A circuit that stays open for more than 5 min.",
        "When the time is over, one request at a time finds out whether the provider is well. That costs at most one request "
        "a second, so there is little to be saved by waiting longer, and much to be lost where the fault was short.",
        """\
kind: Provider
metadata: {name: local}
spec: {type: lm-studio, config: {baseURL: "http://localhost:1234"}, health: {openFor: 1h}}
""",
        """\
kind: Provider
metadata: {name: local}
spec: {type: lm-studio, config: {baseURL: "http://localhost:1234"}, health: {openFor: 30s}}
""",
        _left_alone_too_long,
    ),
    Rule(
        "never-left-alone",
        Severity.INFO,
        "Provider health.failureThreshold",
        "A failureThreshold of 0.",
        "The provider is asked whatever it answers. Where it does not answer at all, every request waits for its timeout "
        "before another is tried, and those that go on are bounded by the retry budget.",
        """\
kind: Provider
metadata: {name: local}
spec: {type: lm-studio, config: {baseURL: "http://localhost:1234"}, health: {failureThreshold: 0}}
""",
        """\
kind: Provider
metadata: {name: local}
spec: {type: lm-studio, config: {baseURL: "http://localhost:1234"}, health: {failureThreshold: 10}}
""",
        _never_left_alone,
    ),
)
