"""Where log lines go, and whose: a library's debug lines repeat the headers of upstreams, and with them credentials."""

import logging
import sys

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
OURS = "reconciler"


def log_to_stderr(level: int) -> None:
    """From `level` on (logging's number), in this process; of libraries, warnings and worse."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_worth_a_line)
    logging.basicConfig(level=level, format=FORMAT, handlers=[handler])


def _worth_a_line(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] == OURS
