"""Rules on what is recorded of requests."""

from collections.abc import Iterator

from reconciler.control.lint.declarations import Declarations
from reconciler.control.lint.rule import Remark, Rule, Severity


def _bodies_are_recorded(files: Declarations) -> Iterator[Remark]:
    for settings in files.of_kind("Settings"):
        records = settings.spec.get("records")
        if (
            isinstance(records, dict)
            and records.get("bodies") is True
            and records.get("requests") is not False
        ):
            yield Remark(
                settings.key,
                ("spec", "records", "bodies"),
                "prompts and answers are kept in the traffic records, readable but for credentials",
                "leave it out, or silence this where all who ask know of it",
            )


ROWS: tuple[Rule, ...] = (
    Rule(
        "bodies-are-recorded",
        Severity.WARNING,
        "Settings records",
        "What clients send and are answered is kept.",
        "Prompts hold what people would tell nobody else: names, contracts, code. Credentials are masked, the rest is kept "
        "as long as `retention` says. Keep that short, and say it to those who ask.",
        """\
kind: Settings
metadata: {name: default}
spec: {records: {bodies: true}}
""",
        """\
kind: Settings
metadata: {name: default}
spec: {retention: 720h, records: {maxSizeMiB: 1024}}
""",
        _bodies_are_recorded,
    ),
)
