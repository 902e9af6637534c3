"""No image of this process's memory is written where it crashes: keys and prompts would be in it, in plain text.

Its children, the gateway's workers, inherit the limit. What is not done: PR_SET_DUMPABLE would close the process's own
/proc/self to it as well, which TLS keys without a file name need; who is this user may read its memory anyway.
"""

import resource
from contextlib import suppress

_TOLD_TO_LINUX = 1
"""Byte. Where cores go to a program (core_pattern with a |), 0 is not asked, and 1 is the word for none (core(5))."""


def no_core_dumps() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    least = _TOLD_TO_LINUX if most == resource.RLIM_INFINITY else min(_TOLD_TO_LINUX, most)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (least, least))
