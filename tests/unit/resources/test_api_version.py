import subprocess
import sys

from reconciler.resources.api_version import API_VERSION


def test_the_version_is_that_of_every_document_and_loads_no_models() -> None:
    code = "import sys; import reconciler.resources.api_version; sys.exit('pydantic' in sys.modules)"
    assert API_VERSION == "routerctl.dev/v1"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=120).returncode == 0
