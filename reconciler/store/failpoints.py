"""Named places at which a crash test lets the process die, as by a power cut. For tests alone.

`ROUTERCTL_FAILPOINT=after-events routerctl apply ...` dies there by SIGKILL. Unarmed, a place costs one comparison.
"""

import os
import signal
from typing import Literal, get_args

CommitPlace = Literal[
    "before-begin",
    "after-begin",
    "after-revision",
    "after-versions",
    "after-events",
    "after-seals",
    "before-commit",
    "after-commit",
]
UpkeepPlace = Literal[
    "after-copy",
    "before-migrated",
    "before-compacted",
    "before-restored",
]
FailpointName = CommitPlace | UpkeepPlace
NAMES: tuple[CommitPlace, ...] = get_args(CommitPlace)
"""The places of a commit."""


class Failpoints:
    """`armed` names the place to die at; any other text is no place."""

    __slots__ = ("_armed",)

    def __init__(self, armed: str | None = None) -> None:
        self._armed = armed

    def arm(self, name: str | None) -> None:
        self._armed = name

    def reach(self, name: FailpointName) -> None:
        if name == self._armed:
            os.kill(os.getpid(), signal.SIGKILL)


FROM_ENVIRONMENT = Failpoints(os.environ.get("ROUTERCTL_FAILPOINT"))
