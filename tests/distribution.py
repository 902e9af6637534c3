"""How a parallel run shares out the tests (`pytest -n 2`): what belongs together runs in one process, the long ones first.

pytest-xdist 3.8 no longer sees its own `xdist_group` marks under pytest 9.2 (pytest-xdist#1386), so the rule stands here.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

TOGETHER = ("e2e/test_demo.py", "e2e/test_local_model.py", "e2e/test_openai_sdk_with_a_model.py")
"""They start a model, which is expensive, and the demo takes the ports that a newcomer would: one at a time."""

ONE_GATEWAY = ("security/test_documents.py", "security/test_doors.py", "security/test_keys.py")
"""They attack one gateway, with its workers: another process would start another one."""

SYNTAX = ("architecture/test_shape.py", "security/test_code.py", "security/test_expressions.py")
"""They read the syntax trees of all there is: another process would parse everything once more."""


class LongestFirst(LoadScopeScheduling):
    """Each test by itself, but those of TOGETHER as one, and of ONE_GATEWAY, and of SYNTAX. The largest scope is given out first."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file.endswith(ONE_GATEWAY):
            return "one gateway"
        if file.endswith(SYNTAX) or nodeid.endswith("::test_every_imported_library_is_a_declared_dependency"):
            return "syntax"
        return "together" if file.endswith(TOGETHER) else nodeid

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """What is done is forgotten: its tests are counted again with each that ends, of 13,000 in a minute's time."""
        super().mark_test_complete(node, item_index, duration)
        scope = self._split_scope(self.registered_collections[node][item_index])
        if all(self.assigned_work[node][scope].values()):
            del self.assigned_work[node][scope]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LongestFirst:
    return LongestFirst(config, log)


@pytest.hookimpl(trylast=True)  # after they were shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests begin early, so that no processor is idle at the end. The order among each kind stays random."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
