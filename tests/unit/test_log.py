import subprocess
import sys

SAYING = """
import logging
from reconciler.log import log_to_stderr

log_to_stderr(logging.{level})
for name in ("reconciler.gateway", "httpcore2.http11", "reconcilers"):
    for level in (logging.DEBUG, logging.INFO, logging.WARNING):
        logging.getLogger(name).log(level, "said")
"""


def said(level: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SAYING.format(level=level)], capture_output=True, text=True, check=True
    )
    return [" ".join(line.split()[2:4]) for line in done.stderr.splitlines()]


def test_of_libraries_only_warnings_are_logged() -> None:
    assert said("DEBUG") == [
        "DEBUG reconciler.gateway:",
        "INFO reconciler.gateway:",
        "WARNING reconciler.gateway:",
        "WARNING httpcore2.http11:",
        "WARNING reconcilers:",
    ]


def test_the_level_holds_for_our_own() -> None:
    assert said("WARNING") == [
        "WARNING reconciler.gateway:",
        "WARNING httpcore2.http11:",
        "WARNING reconcilers:",
    ]
