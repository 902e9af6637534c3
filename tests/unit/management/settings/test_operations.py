from reconciler.listener.access import Operation
from reconciler.management.settings import operations


def test_each_operation_has_a_name_and_words_of_its_own() -> None:
    found = [each for each in vars(operations).values() if isinstance(each, Operation)]
    assert len({each.name for each in found}) == len(found) > 3
    assert all(each.summary.endswith(".") and each.group for each in found)
