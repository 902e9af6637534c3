import subprocess
import sys

from reconciler.resources.api_version import API_VERSION
from reconciler.resources.meta import API_VERSION as OF_THE_KINDS


def test_there_is_one_version_and_it_loads_no_models() -> None:
    code = "import sys; import reconciler.resources.api_version; sys.exit('pydantic' in sys.modules)"
    assert API_VERSION == OF_THE_KINDS
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
