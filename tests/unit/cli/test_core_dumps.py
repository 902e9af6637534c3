import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = """
import resource, sys
before = int(sys.argv[1])
if before >= 0:
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]  # what a test of this process lowered, not everybody may raise
    resource.setrlimit(resource.RLIMIT_CORE, (0, before if most == resource.RLIM_INFINITY else min(before, most)))
from reconciler.cli.core_dumps import no_core_dumps
no_core_dumps()
no_core_dumps()
print(*resource.getrlimit(resource.RLIMIT_CORE))
"""


@pytest.mark.parametrize(("before", "after"), [(-1, {"1 1", "0 0"}), (0, {"0 0"}), (10, {"1 1", "0 0"})])
def test_no_core_is_written_whatever_was_allowed(before: int, after: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(before)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=120,
    )
    assert done.stdout.strip() in after
