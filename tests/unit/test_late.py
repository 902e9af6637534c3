import subprocess
import sys

import pytest

from reconciler.late import late, load_all

LOADED_WHEN_USED = """\
import sys
from reconciler.late import late
colors = late("colorsys")
assert "colorsys" not in sys.modules
assert repr(colors) == "<late colorsys>" and "colorsys" not in sys.modules
assert colors.rgb_to_hsv(0, 0, 0) == (0, 0, 0) and "colorsys" in sys.modules
"""

ALL_LOADED = """\
import sys
from reconciler.control import proposal
from reconciler.late import load_all
assert "reconciler.control.manifest.checking" not in sys.modules and "deepdiff" not in sys.modules
load_all()
before = {*sys.modules}
load_all()
assert {*sys.modules} == before
assert {"reconciler.control.manifest.checking", "reconciler.resources.specs", "deepdiff.diff"} <= before
"""


def run(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_module_is_loaded_when_one_of_its_names_is_used() -> None:
    run(LOADED_WHEN_USED)


def test_a_process_that_stays_loads_all_that_it_may_need_and_what_that_may_need() -> None:
    run(ALL_LOADED)


def test_what_is_loaded_is_no_matter() -> None:
    load_all()
    assert sys.modules["reconciler.late"].load_all is load_all


def test_a_name_is_that_of_the_module_itself() -> None:
    module = late("reconciler.late")
    assert module.Late is type(module)
    assert module.Late is module.Late


def test_a_name_that_the_module_has_not_is_none() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        late("reconciler.late").nothing  # noqa: B018  it is the asking that fails
