"""The compiled form, in small: a few modules, compiled and run."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts import compile as compiling

ROOT = Path(__file__).parents[2]
MODULES = ["reconciler.protocol.usage", "reconciler.protocol.estimate", "reconciler.protocol.sse"]
RUN = """
import sys
from pathlib import Path
from reconciler import compiled
assert compiled.take(Path(sys.argv[1]))
from reconciler.protocol import estimate, sse, usage
assert all(module.__file__.endswith(".so") for module in (estimate, sse, usage))
assert usage.usage_at_end(b'{"usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}}') == usage.Usage(3, 2, 5)
assert estimate.tokens(9) == 3
whole = sse.WholeEvents(1000)
print(whole.feed(b"data: 1\\n\\ndata") + whole.feed(b": 2\\n\\n"))
"""

pytestmark = pytest.mark.skipif(bool(compiling.missing()), reason="nothing to compile with")


def test_what_is_compiled_runs_as_its_sources_do_and_is_not_compiled_twice(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "scripts/compile.py",
        "--into",
        str(tmp_path / "native"),
        *MODULES,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr
    assert "compiled: 3 modules in " in done.stdout
    ran = [sys.executable, "-c", RUN, str(tmp_path / "native")]
    assert (
        subprocess.run(ran, cwd=ROOT, capture_output=True, text=True, check=True, timeout=280).stdout
        == f"{WHOLE!r}\n"
    )
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=280)
    assert again.stdout == "compiled: 3 modules, as they are\n"


WHOLE = b"data: 1\n\ndata: 2\n\n"


def test_each_hot_module_is_there_and_no_two_patterns_name_the_same() -> None:
    named = [*compiling.hot()]
    assert len(named) == len({*named}) > 40
    for pattern in compiling.HOT:
        assert [*(ROOT / "reconciler").glob(pattern)], pattern
